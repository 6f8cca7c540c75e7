/**
 * Addresses of the system under test in our own cluster. Names and namespaces are the real team's
 * (docs/systems/neural-hive-mind.md, "Kubernetes"). Service addresses are fixed here, because this cluster
 * has no DNS.
 */
import {
  SPECIALISTS,
  type Specialist,
} from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';

export const NAMESPACES = { app: 'neural-hive', kafka: 'kafka', redis: 'redis-cluster' } as const;

export const BROKER_IDS = [1, 2, 3] as const;
export type BrokerId = (typeof BROKER_IDS)[number];

/** In the API server's range (10.96/16), in a part that it allocates last by itself. */
const at = (host: number): string => `10.96.77.${host}`;

export const GATEWAY_ADDRESS = at(10);
export const HIVE_ADDRESS = at(50);
export const REDIS_ADDRESS = at(30);
export const BOOTSTRAP_ADDRESS = at(40);
export const specialistAddress = (name: Specialist): string => at(21 + SPECIALISTS.indexOf(name));
export const brokerAddress = (id: BrokerId): string => at(40 + id);

/**
 * `probe` is the listener for clients outside of the cluster; the broker advertises it as the relay's
 * address.
 */
export const KAFKA_PORTS = { controller: 9090, internal: 9091, plain: 9092, probe: 9094 } as const;
export const REDIS_PORT = 6379;
export const HTTP_PORT = 8000;
export const GATEWAY_PORT = 80;
export const GRPC_PORT = 50_051;

/**
 * The pod of a broker: the ordinals of the StatefulSet begin at 1, so that its name ends with the broker's
 * id.
 */
export const BROKER_SET = 'neural-hive-kafka-broker';
export const brokerPod = (id: BrokerId): string => `${BROKER_SET}-${id}`;

export interface Relayed {
  /** Used in texts and in the target file: `gateway`, `kafka-1`, `kafka-1-controller`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** All services that load, probes and guards reach from outside of the cluster. */
export const RELAYED: readonly Relayed[] = [
  { name: 'gateway', host: GATEWAY_ADDRESS, port: GATEWAY_PORT },
  ...SPECIALISTS.map((one) => ({
    name: `specialist-${one}`,
    host: specialistAddress(one),
    port: GRPC_PORT,
  })),
  { name: 'redis', host: REDIS_ADDRESS, port: REDIS_PORT },
  ...BROKER_IDS.flatMap((id) => [
    { name: `kafka-${id}`, host: brokerAddress(id), port: KAFKA_PORTS.probe },
    { name: `kafka-${id}-controller`, host: brokerAddress(id), port: KAFKA_PORTS.controller },
  ]),
];

/** By name of a relayed service: the port on 127.0.0.1 of this machine. */
export type RelayPorts = Readonly<Record<string, number>>;

/** @throws Error for a name that is not among `RELAYED`: a mistake in this folder. */
export function relayAddress(ports: RelayPorts, name: string): string {
  const port = ports[name];
  if (port === undefined) throw new Error(`no relay for ${name}`);
  return `127.0.0.1:${port}`;
}
