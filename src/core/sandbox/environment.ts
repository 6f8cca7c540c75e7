/**
 * What a program is told: the addresses at which it must listen and at which it dials the others, and what
 * its system file adds.
 */
import { formatAddress } from '../address.ts';
import type { System } from '../system.ts';
import { fillTemplate } from '../template.ts';
import { dialled } from './addresses.ts';
import type { Layout, PlacedInstance, Socket } from './layout.ts';
import { dialledBy } from './processes.ts';

const variable = (name: string): string => name.toUpperCase().replaceAll('-', '_');
const joined = (sockets: readonly Socket[]): string => sockets.map(formatAddress).join(',');

/**
 * HOST, PORT and INSTANCE; with several endpoints also HTTP_PORT and so on; <SERVICE>_ADDRESS for each
 * service that it dials, with several endpoints also <SERVICE>_<PROTOCOL>_ADDRESS. That of Kafka lists all
 * brokers.
 */
export function environmentOf(layout: Layout, placed: PlacedInstance): Readonly<Record<string, string>> {
  const { system } = layout;
  const service = serviceNamed(system, placed.service);
  const others = dialledBy(system, service.name).map((to) => ({
    name: to.name,
    ends: dialled(layout, service.name, to),
  }));
  const [main] = service.endpoints;
  const port = main === undefined ? undefined : placed.ports[main.protocol];
  const own: readonly Socket[] = port === undefined ? [] : [{ host: placed.host, port }];
  const words = new Map<string, string>();
  for (const { name, sockets } of [
    { name: service.name, sockets: own },
    ...others.map(({ name, ends }) => ({ name, sockets: ends[0]?.sockets ?? [] })),
  ]) {
    words.set(`${name}.host`, sockets[0]?.host ?? '');
    words.set(`${name}.port`, String(sockets[0]?.port ?? ''));
    words.set(`${name}.address`, joined(sockets));
  }
  const given = service.sandbox?.kind === 'run' ? service.sandbox.env : {};
  return {
    HOST: placed.host,
    ...(port !== undefined && { PORT: String(port) }),
    ...(service.endpoints.length > 1 &&
      Object.fromEntries(
        Object.entries(placed.ports).map(([protocol, one]) => [`${variable(protocol)}_PORT`, String(one)]),
      )),
    INSTANCE: placed.instance,
    ...Object.fromEntries(others.flatMap(({ name, ends }) => addressVariables(name, ends))),
    ...Object.fromEntries(
      Object.entries(given).map(([name, text]) => [name, fillTemplate(text, (word) => words.get(word))]),
    ),
  };
}

function addressVariables(
  name: string,
  ends: ReturnType<typeof dialled>,
): readonly (readonly [string, string])[] {
  const main = ends[0] === undefined ? [] : [[`${variable(name)}_ADDRESS`, joined(ends[0].sockets)] as const];
  if (ends.length < 2) return main;
  const each = ends.map(
    ({ protocol, sockets }) => [`${variable(name)}_${variable(protocol)}_ADDRESS`, joined(sockets)] as const,
  );
  return [...main, ...each];
}

function serviceNamed({ services }: System, name: string): System['services'][number] {
  const found = services.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no service ${name} in the system`);
  return found;
}
