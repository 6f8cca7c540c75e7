/**
 * A target without a platform as data: what can be done to it from outside of its processes. A journal
 * carries it for the process that must undo.
 */
import type { KafkaEndpoint, RedisEndpoint } from '../topology.ts';

export interface AddressesHandle {
  /** Present where the target file has `links`: the proxy that carries them, up or not. */
  readonly proxy?: ProxyHandle;
  /** As clients and Gauntlet dial them; empty = no Kafka, or more than one. */
  readonly brokers: readonly KafkaEndpoint[];
  /** Those of each Kafka by service, where there are several. */
  readonly brokersByService?: Readonly<Record<string, readonly KafkaEndpoint[]>>;
  /** Absent: no Redis, or more than one. */
  readonly redis?: RedisEndpoint;
  /** Each Redis by service, where there are several. */
  readonly redisByService?: Readonly<Record<string, RedisEndpoint>>;
}

export interface ProxyHandle {
  /** The path of its state file, which exists while it is up. */
  readonly stateFile: string;
  /** The target file, as the user typed it, for the command that starts the proxy. */
  readonly target: string;
}
