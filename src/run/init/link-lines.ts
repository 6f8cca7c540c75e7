/**
 * The links of a new target, commented out: a fault on one needs a service that dials Gauntlet's own proxy.
 */
import { linksOf } from '../../config/system/links.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import type { Seen } from './look.ts';

const STANDARD_PORT: Readonly<Record<string, number>> = { http: 80, redis: 6379 };

/** Of a link to several servers, as of Kafka, one line each. Nothing where no service dials another. */
export function linkLines(
  name: string,
  links: readonly string[],
  services: readonly Seen[],
): readonly string[] {
  const names = services.map((one) => one.name);
  const pairs = links.flatMap((line) => {
    const read = linksOf(line, names);
    return read.ok ? read.links : [];
  });
  const taken = new Set<number>();
  const lines = pairs.flatMap(({ from, to }) => {
    const { protocol, addresses = [] } = services.find((one) => one.name === to) ?? {};
    return addresses.map((written, index) => {
      const { host, port } = addressOf(written, STANDARD_PORT[protocol ?? ''] ?? 443);
      const listen = freePort(port, taken);
      const end = protocol === 'kafka' ? `${to}-${index + 1}` : to;
      const dial = formatAddress({ host, port });
      return `#   - { from: ${from}, to: ${end}, listen: "127.0.0.1:${listen}", dial: "${dial}" }`;
    });
  });
  if (lines.length === 0) return [];
  return [
    `# For faults on links: let each service dial "listen" instead, then gauntlet proxy up ${name} (docs/without-kubernetes.md).`,
    '# links:',
    ...lines,
  ];
}

/** 10,000 above the server's own, or below it; the next one where two links would share it. */
function freePort(port: number, taken: Set<number>): number {
  let listen = port > 55_000 ? port - 10_000 : port + 10_000;
  while (taken.has(listen)) listen += 1;
  taken.add(listen);
  return listen;
}
