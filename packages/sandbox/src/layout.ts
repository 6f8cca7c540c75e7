/**
 * The address of each instance, and the link of each dependency: pure data computed from a subnet and its
 * ports. 127.n.0.x are the real servers (only proxies dial them); every other third octet is one client's
 * view of the others.
 */
import { formatAddress } from '../../../src/core/address.ts';
import type { Addresses } from '../../../src/core/topology.ts';
import { SPECIALISTS } from '../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';

export const BROKER_IDS = [1, 2, 3] as const;
export const GATEWAYS = ['gateway-1', 'gateway-2'] as const;
export type BrokerId = (typeof BROKER_IDS)[number];

/**
 * TCP ports, the same on every address of the subnet; each is the default one unless a wildcard listener
 * occupies it.
 */
export interface Ports {
  readonly kafkaInternal: number;
  readonly kafkaController: number;
  readonly kafkaGateway: number;
  readonly kafkaHive: number;
  readonly kafkaProbe: number;
  readonly redis: number;
  readonly http: number;
  readonly grpc: number;
}

export const USUAL_PORTS: Ports = {
  kafkaInternal: 9092,
  kafkaController: 9093,
  kafkaGateway: 9094,
  kafkaHive: 9095,
  kafkaProbe: 9096,
  redis: 6379,
  http: 8000,
  grpc: 50_051,
};

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface PlacedInstance {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
}

export interface LinkPlan {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly listen: Endpoint;
  readonly upstreams: readonly (Endpoint & { readonly instance: string })[];
  /** True: the link represents a Service, which routes no connection to an instance that is not ready. */
  readonly gated: boolean;
}

export interface Layout {
  readonly subnet: number;
  readonly ports: Ports;
  readonly instances: readonly PlacedInstance[];
  readonly links: readonly LinkPlan[];
}

/** Third octets of the clients' views; 1 to 3 are the views of the brokers. */
const VIEW = { gateway: 10, hive: 20, probe: 30, client: 40 } as const;
type Client = keyof typeof VIEW;

/** @param subnet n in 127.n.0.0/16. */
export function planLayout(subnet: number, ports: Ports): Layout {
  const at = (third: number, host: number): string => `127.${subnet}.${third}.${host}`;
  const instances = placeInstances((host) => at(0, host));
  const link = (from: Client, to: string, port: number, gated: boolean): LinkPlan => {
    const servers = instances.filter((placed) => placed.service === to);
    const fourth = Number(servers[0]?.host.split('.')[3]);
    return {
      name: `${from}->${to}`,
      from,
      to,
      listen: { host: at(VIEW[from], fourth), port },
      upstreams: servers.map((placed) => ({ instance: placed.instance, host: placed.host, port })),
      gated,
    };
  };
  const specialists = SPECIALISTS.map((name) => `specialist-${name}`);
  const toKafka = (from: Client, port: number): LinkPlan[] =>
    BROKER_IDS.map((id) => link(from, `kafka-${id}`, port, false));
  const links = [
    link('client', 'gateway', ports.http, true),
    ...specialists.map((name) => link('client', name, ports.grpc, true)),
    link('probe', 'gateway', ports.http, true),
    ...specialists.map((name) => link('probe', name, ports.grpc, true)),
    link('probe', 'redis', ports.redis, false),
    ...toKafka('probe', ports.kafkaProbe),
    link('gateway', 'redis', ports.redis, false),
    ...toKafka('gateway', ports.kafkaGateway),
    link('hive', 'redis', ports.redis, false),
    ...toKafka('hive', ports.kafkaHive),
    ...specialists.map((name) => link('hive', name, ports.grpc, true)),
    ...brokerLinks(at, ports),
  ];
  return { subnet, ports, instances, links };
}

function placeInstances(real: (host: number) => string): PlacedInstance[] {
  return [
    ...BROKER_IDS.map((id) => ({ service: `kafka-${id}`, instance: `kafka-${id}`, host: real(id) })),
    { service: 'redis', instance: 'redis-1', host: real(10) },
    ...GATEWAYS.map((instance, index) => ({ service: 'gateway', instance, host: real(21 + index) })),
    ...SPECIALISTS.map((name, index) => ({
      service: `specialist-${name}`,
      instance: `specialist-${name}-1`,
      host: real(31 + index),
    })),
    { service: 'hive', instance: 'hive-1', host: real(41) },
  ];
}

/**
 * Broker i reaches broker j at 127.n.i.j: one link by name, its raft traffic (the CONTROLLER port) as a
 * second entry.
 */
function brokerLinks(at: (third: number, host: number) => string, ports: Ports): LinkPlan[] {
  return BROKER_IDS.flatMap((i) =>
    BROKER_IDS.filter((j) => j !== i).flatMap((j) =>
      [
        { name: `kafka-${i}->kafka-${j}`, port: ports.kafkaInternal },
        { name: `kafka-${i}->kafka-${j}:controller`, port: ports.kafkaController },
      ].map(({ name, port }) => ({
        name,
        from: `kafka-${i}`,
        to: `kafka-${j}`,
        listen: { host: at(i, j), port },
        upstreams: [{ instance: `kafka-${j}`, host: at(0, j), port }],
        gated: false,
      })),
    ),
  );
}

/** @throws for a name that is not in the plan, which is a bug in this folder. */
export function listenOf(layout: Layout, name: string): Endpoint {
  const link = layout.links.find((one) => one.name === name);
  if (!link) throw new Error(`no link ${name} in the layout`);
  return link.listen;
}

/** The real address of a broker, which its supervisor uses, bypassing all links. */
export function brokerEndpoint(layout: Layout, id: BrokerId): Endpoint {
  const placed = layout.instances.find((one) => one.service === `kafka-${id}`);
  if (!placed) throw new Error(`no instance of broker ${id} in the layout`);
  return { host: placed.host, port: layout.ports.kafkaInternal };
}

/**
 * The addresses of its services, through the links of `users` or of the probes. Kafka and Redis are always
 * probed.
 */
export function addressesOf(layout: Layout, via: 'client' | 'probe'): Addresses {
  const address = (name: string): string => formatAddress(listenOf(layout, name));
  const brokers = BROKER_IDS.map((id) => ({
    id,
    address: address(`probe->kafka-${id}`),
    controller: `${brokerEndpoint(layout, id).host}:${layout.ports.kafkaController}`,
  }));
  return {
    gateway: { http: [{ address: `http://${address(`${via}->gateway`)}` }] },
    ...Object.fromEntries(
      SPECIALISTS.map((name) => [
        `specialist-${name}`,
        { grpc: [{ address: address(`${via}->specialist-${name}`) }] },
      ]),
    ),
    kafka: { kafka: brokers },
    redis: { redis: [{ address: `redis://${address('probe->redis')}` }] },
  };
}
