/**
 * Configuration of the hive program, which stands in for three services: semantic translation, consensus
 * engine, orchestrator.
 */

import { ConfigReader } from '../config-reader.ts';
import { addressesIn, type Environment, numberIn, placeIn, socketIn } from '../environment.ts';
import { SPECIALISTS, type Specialist } from '../specialists.ts';
import { STAGES, type StageName } from './stage-names.ts';

export interface HiveConfig {
  readonly instance: string;
  readonly host: string;
  readonly httpPort: number;
  /** Of the orchestrator; null: it speaks no gRPC. */
  readonly grpcPort: number | null;
  /** One of the three services; null: all of them in this process. */
  readonly stage: StageName | null;
  readonly kafkaBrokers: readonly string[];
  readonly redis: { readonly host: string; readonly port: number };
  readonly specialists: Readonly<Record<Specialist, string>>;
  /**
   * The documents state 10 to 50 plans a minute; one per second is above that, and faster records wait as
   * lag.
   */
  readonly plansPerSecond: number;
  readonly kafka: {
    readonly requestTimeoutMs: number;
    /** Retries of kafkajs, which restarts its consumer after a few: more of them, for busy machines. */
    readonly consumerRequestTimeoutMs: number;
    /**
     * session.timeout.ms: the contract says 30 s. The successor of a killed hive waits this long for its
     * partitions. The sandbox restarts processes ten times faster than a cluster, so it takes the smallest
     * value that brokers allow.
     */
    readonly sessionTimeoutMs: number;
    readonly deliveryTimeoutMs: number;
  };
  readonly grpc: {
    /** GRPC_TIMEOUT_MS of the consensus engine (code default). */
    readonly timeoutMs: number;
    readonly attempts: number;
    /** First wait between attempts; doubles up to ten times itself. */
    readonly waitMs: number;
  };
  /** A start without partitions fails after this time. */
  readonly assignmentTimeoutMs: number;
  readonly graceMs: number;
}

export function hiveEnvironment(environment: Environment): Readonly<Record<string, unknown>> {
  return {
    ...placeIn(environment),
    httpPort: numberIn(environment, 'HTTP_PORT'),
    grpcPort: numberIn(environment, 'GRPC_PORT'),
    kafkaBrokers: addressesIn(environment, 'KAFKA_ADDRESS'),
    redis: socketIn(environment, 'REDIS_ADDRESS'),
    specialists: Object.fromEntries(
      SPECIALISTS.map((name) => [name, environment[`SPECIALIST_${name.toUpperCase()}_ADDRESS`]]),
    ),
    kafka: { sessionTimeoutMs: numberIn(environment, 'KAFKA_SESSION_TIMEOUT_MS') },
  };
}

/** @throws GauntletError (usage) with every problem of the object. */
export function readHiveConfig(source: Readonly<Record<string, unknown>>): HiveConfig {
  const reader = new ConfigReader({ kafka: {}, grpc: {}, ...source });
  const redis = reader.object('redis');
  const stage = reader.has('stage') ? reader.oneOf('stage', STAGES) : null;
  const asks = stage === null || stage === 'consensus-engine' ? reader.object('specialists') : null;
  const kafka = reader.object('kafka');
  const grpc = reader.object('grpc');
  const address = (name: Specialist): readonly [Specialist, string] => [name, asks?.text(name) ?? ''];
  const config: HiveConfig = {
    instance: reader.text('instance'),
    host: reader.text('host'),
    httpPort: reader.port('httpPort'),
    grpcPort: reader.has('grpcPort') ? reader.port('grpcPort') : null,
    stage,
    kafkaBrokers: reader.texts('kafkaBrokers'),
    redis: { host: redis.text('host'), port: redis.port('port') },
    specialists: Object.fromEntries(SPECIALISTS.map(address)) as Record<Specialist, string>,
    plansPerSecond: reader.number('plansPerSecond', { min: 0.01, max: 1000 }, 1),
    kafka: {
      requestTimeoutMs: kafka.ms('requestTimeoutMs', 1000),
      consumerRequestTimeoutMs: kafka.ms('consumerRequestTimeoutMs', 2000),
      sessionTimeoutMs: kafka.ms('sessionTimeoutMs', 6000),
      deliveryTimeoutMs: kafka.ms('deliveryTimeoutMs', 120_000),
    },
    grpc: {
      timeoutMs: grpc.ms('timeoutMs', 5000),
      attempts: grpc.number('attempts', { min: 1, max: 100, whole: true }, 3),
      waitMs: grpc.ms('waitMs', 1000),
    },
    assignmentTimeoutMs: reader.ms('assignmentTimeoutMs', 30_000),
    graceMs: reader.ms('graceMs', 5000),
  };
  reader.finish();
  return config;
}
