/** Which of the services that a scenario calls are TLS, and what k6 cannot do with that. */
import { isIP } from 'node:net';
import type { TlsAccess } from '../../core/access.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import type { Problem } from '../../core/errors.ts';
import type { LoadTls } from '../../core/load-tls.ts';
import type { ScenarioEntry } from '../../core/scenario.ts';
import type { SchemaRegistries } from '../../core/schema-registry.ts';
import type { Topology } from '../../core/topology.ts';
import { calledBy } from './script-environment.ts';

export interface ReadLoadTls {
  /** Absent: all that it calls is plain. */
  readonly tls?: LoadTls;
  /** Without a place. */
  readonly problems: readonly Omit<Problem, 'place'>[];
}

export function loadTls(
  scenario: ScenarioEntry,
  flows: readonly string[],
  topology: Topology | null,
): ReadLoadTls {
  const called = topology === null ? [] : calledBy(scenario, flows, topology);
  const entered = called.flatMap(({ service, at }) =>
    at.access?.tls === undefined ? [] : [{ service, at, tls: at.access.tls }],
  );
  if (entered.length === 0) return { problems: [] };
  const subject = `TLS of scenario ${scenario.name}`;
  const problems: Omit<Problem, 'place'>[] = [];
  const open = entered.filter(({ tls }) => tls.insecure === true).map((one) => one.service);
  if (open.length > 0 && open.length < entered.length)
    problems.push({
      subject,
      expected: 'tls.insecure for all services that it calls, or for none: k6 has one setting for all',
      got: `insecure for ${open.join(', ')} alone`,
    });
  const pairs = new Map(entered.filter(hasPair).map(({ service, tls }) => [pairOf(tls), service]));
  if (pairs.size > 1)
    problems.push({
      subject,
      expected: 'one tls.cert for all services that it calls: k6 presents one',
      got: `different ones for ${[...pairs.values()].join(', ')}`,
      next: 'Give them one certificate, or load each in a scenario of its own.',
    });
  const hosts: Record<string, string> = {};
  for (const { service, at, tls } of entered) {
    const own = addressOf(at.address, 443);
    const { serverName = own.host } = tls;
    if (serverName === own.host) continue;
    const host = own.host === 'localhost' ? '127.0.0.1' : own.host;
    if (isIP(serverName) !== 0 || isIP(host) === 0)
      problems.push({
        subject: `services.${service}.tls.serverName`,
        expected: 'for load, a name for an address that is an IP: k6 dials by the name that it verifies',
        got: `${serverName} for ${own.host}`,
        next: `Write the address as https://${serverName} (host:port for gRPC) if that name resolves, or with its IP.`,
      });
    else hosts[formatAddress({ host: serverName, port: own.port })] = formatAddress({ host, port: own.port });
  }
  const services = Object.fromEntries(entered.map(({ service, tls }) => [service, tls]));
  return { tls: { services, hosts }, problems };
}

const hasPair = ({ tls }: { readonly tls: TlsAccess }): boolean => tls.cert !== undefined;
const pairOf = ({ cert }: TlsAccess): string => JSON.stringify(cert);

/** Whose certificates are not checked, by anything that this run does. */
export function insecureIn(
  topology: Topology | null,
  registries: SchemaRegistries = {},
): { readonly insecure?: readonly string[] } {
  const found = (topology?.services ?? []).filter(({ endpoints }) =>
    endpoints.some(({ at }) => at.some(({ access }) => access?.tls?.insecure === true)),
  );
  const open = Object.entries(registries).filter(([, one]) => one.access?.tls?.insecure === true);
  const names = [...found.map((one) => one.name), ...open.map(([name]) => `the registry of ${name}`)];
  return names.length === 0 ? {} : { insecure: names };
}
