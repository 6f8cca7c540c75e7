/** One of the three services that the hive stands in for. */
import { Redis } from 'ioredis';
import { messageOf } from '../../../../../src/core/errors.ts';
import type { GrpcApp } from '../grpc-app.ts';
import type { Reply, Route } from '../http-app.ts';
import type { HiveConfig } from './config.ts';
import type { RecordConsumer } from './record-consumer.ts';

export interface Stage {
  readonly consumers: Readonly<Record<string, RecordConsumer>>;
  /** Of a service of its own; in one process with the others it has none. */
  readonly routes: readonly Route[];
  /** @throws when it has no partitions in time, or Redis does not answer. */
  start(): Promise<void>;
  /** Null: it speaks no gRPC. */
  readonly serveGrpc: ((host: string, port: number) => Promise<GrpcApp>) | null;
  stop(): Promise<void>;
}

const REDIS_TIMEOUT_MS = 5000;

export function redisOf({ redis }: Pick<HiveConfig, 'redis'>): Redis {
  const client = new Redis({
    ...redis,
    connectTimeout: REDIS_TIMEOUT_MS,
    commandTimeout: REDIS_TIMEOUT_MS,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 200,
    disableClientInfo: true,
    lazyConnect: true,
  });
  client.on('error', () => undefined);
  return client;
}

export const answers = (asked: Promise<unknown>): Promise<true | string> =>
  asked.then(() => true as const, messageOf);

/** 503 unless all of `checks` are true. */
export const readiness = (checks: Readonly<Record<string, unknown>>): Reply => {
  const ready = Object.values(checks).every((one) => one === true);
  return { status: ready ? 200 : 503, body: { ready, checks } };
};

/** It answers whatever its consumer does. */
export const healthRoute = (service: string): Route => ({
  method: 'GET',
  path: '/health',
  handle: async () => ({ status: 200, body: { status: 'healthy', service } }),
});
