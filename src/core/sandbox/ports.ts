/**
 * Which ports a sandbox needs, by key. A link listens on the declared port of its service; the program itself
 * gets a port that no link has, so that one which listens on all addresses is found and not only in the way.
 */
import type { Protocol, Service, System } from '../system.ts';
import { dialledBy, isCluster, PROBE, processOf, reachable, withProcesses } from './processes.ts';

export type Ports = Readonly<Record<string, number>>;

const DEFAULTS: Readonly<Record<string, number>> = { http: 8000, grpc: 50_051, redis: 6379, postgres: 5432 };
const OTHER = 7000;
/** Below the ephemeral ports of Linux (32768 and up), above what services usually declare. */
const FIRST_OWN_PORT = 21_000;
const FIRST_FREE_TO_ALL = 1024;
const SHIFT = 8000;

/** Where the links to it listen; also the server itself when the sandbox brings it. */
export const linkPort = (service: string, protocol: Protocol): string => `${service} ${protocol}`;
/** Of a program. */
export const ownPort = (service: string, protocol: Protocol): string => `${service} ${protocol} itself`;
export const brokerPort = (service: string): string => `${service} brokers`;
export const controllerPort = (service: string): string => `${service} controllers`;
/** One listener of every broker for each service that dials it: it advertises the links of that service. */
export const listenerPort = (service: string, from: string): string => `${service} for ${from}`;

/** The names of all that dial a cluster, in the order of their listeners. */
export const dialersOf = (system: System, cluster: Service): readonly string[] => [
  ...withProcesses(system)
    .filter(({ name }) => dialledBy(system, name).includes(cluster))
    .map(({ name }) => name),
  PROBE,
];

/** A port below 1024 needs a privilege that the sandbox does not ask for. */
const usable = (port: number): number => (port < FIRST_FREE_TO_ALL ? port + SHIFT : port);

/** Those to try first. */
export function usualPorts(system: System): Ports {
  const found: Record<string, number> = {};
  let own = FIRST_OWN_PORT;
  for (const service of reachable(system)) {
    const { name, endpoints } = service;
    if (isCluster(service)) {
      const first = usable(endpoints[0]?.port ?? 9092);
      const keys = [
        brokerPort(name),
        controllerPort(name),
        ...dialersOf(system, service).map((from) => listenerPort(name, from)),
      ];
      for (const [index, key] of keys.entries()) found[key] = first + index;
      continue;
    }
    for (const { protocol, port } of endpoints) {
      found[linkPort(name, protocol)] = usable(port ?? DEFAULTS[protocol] ?? OTHER);
      if (service.sandbox?.kind !== 'run') continue;
      found[ownPort(name, protocol)] = own;
      own += 1;
    }
  }
  return found;
}

/** The port that a seat of a service listens on itself. */
export function seatPort(system: System, service: Service, protocol: Protocol, ports: Ports): number {
  const server = processOf(system, service.name) ?? service;
  const key =
    server.sandbox?.kind === 'use' ? linkPort(server.name, protocol) : ownPort(server.name, protocol);
  return portOf(ports, key);
}

/** @throws for a key that is not in the plan, which is a bug in this folder. */
export function portOf(ports: Ports, key: string): number {
  const port = ports[key];
  if (port === undefined) throw new Error(`no port "${key}" in the plan`);
  return port;
}
