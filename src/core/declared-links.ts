/**
 * Which pairs of services a fault may disturb: the links that the system declares. A platform that could cut
 * any pair would otherwise offer thousands, and most of them carry nothing. Pure.
 */
import type { System } from './system.ts';

/** As an end of a link, where a platform offers it: all traffic of a service, with all that it talks to. */
export const EVERYTHING = 'everything';

/** Load and probes are no services, and dial what they ask. */
const DIALLERS: readonly string[] = ['client', 'probe'];

/**
 * @returns `from->to` of every pair that may be meant; null: the system declares no link, so any pair is one.
 */
export function linksAmong(
  names: readonly string[],
  { services, links }: Pick<System, 'services' | 'links'>,
): readonly string[] | null {
  if (links.length === 0) return null;
  const kafkas = services.filter((one) => one.endpoints.some(({ protocol }) => protocol === 'kafka'));
  // One process may stand in for several services: it dials what they dial.
  const carriers = new Map(
    services.flatMap(({ name, sandbox }) => (sandbox?.kind === 'with' ? [[name, sandbox.service]] : [])),
  );
  const carrierOf = (name: string): string => carriers.get(name) ?? name;
  const declared = new Set(
    links.flatMap(({ from, to }) => [`${from}->${to}`, `${carrierOf(from)}->${carrierOf(to)}`]),
  );
  /** Undefined: the target has it, and the system does not know it. */
  const serviceOf = (name: string): string | undefined =>
    services.find((one) => one.name === name)?.name ??
    kafkas.find((one) => name.startsWith(`${one.name}-`) && /^\d+$/.test(name.slice(one.name.length + 1)))
      ?.name;
  const isKafka = (service: string): boolean => kafkas.some((one) => one.name === service);
  const isLink = (from: string, to: string): boolean => {
    const [a, b] = [serviceOf(from), serviceOf(to)];
    if (DIALLERS.includes(to)) return false;
    if (DIALLERS.includes(from) || a === undefined || b === undefined) return true;
    return a === b ? isKafka(a) : declared.has(`${a}->${b}`);
  };
  return names.flatMap((from) =>
    names.filter((to) => to !== from && isLink(from, to)).map((to) => `${from}->${to}`),
  );
}
