/**
 * kafkajs for the consumers, with a guard for black holes. In kafkajs a request that times out leaves its
 * socket open, and the next one waits on it again (docs/facts/kafka.md, "kafkajs in a black hole"). The guard
 * destroys the socket with an error, because kafkajs does not react to a socket that merely closes. After
 * five such failures the consumer restarts and finds the new leaders.
 */
import { connect, type Socket } from 'node:net';
import kafkajs, { type Consumer } from 'kafkajs';
import { reportProblem } from '../program.ts';
import { letIdleConnectionsSleep } from './idle-requests.ts';

const { Kafka, logLevel } = kafkajs;

export interface KafkaClients {
  readonly kafka: InstanceType<typeof Kafka>;
  /** Reports a consumer's request timeouts to the guard. */
  guard(consumer: Consumer): void;
}

export function kafkaClients(options: {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly requestTimeoutMs: number;
}): KafkaClients {
  letIdleConnectionsSleep();
  const sockets = new Map<string, Set<Socket>>();
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    requestTimeout: options.requestTimeoutMs,
    connectionTimeout: options.requestTimeoutMs,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 },
    logLevel: logLevel.ERROR,
    logCreator: () => quietLog(),
    socketFactory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port, noDelay: true }, onConnect);
      const name = `${host}:${port}`;
      const known = sockets.get(name) ?? new Set<Socket>();
      sockets.set(name, known.add(socket));
      socket.once('close', () => known.delete(socket));
      return socket;
    },
  });
  return {
    kafka,
    guard: (consumer) => {
      consumer.on(consumer.events.REQUEST_TIMEOUT, ({ payload }) => {
        for (const socket of sockets.get(payload.broker) ?? []) {
          socket.destroy(new Error(`${payload.apiName}: no answer in time`));
        }
      });
    },
  };
}

const QUIET_MS = 1000;

interface KafkaLog {
  readonly message: string;
  readonly [extra: string]: unknown;
}

/** During an outage kafkajs logs the same error many times a second: each is reported once per second. */
function quietLog() {
  const last = new Map<string, number>();
  return ({ namespace, log }: { namespace: string; log: KafkaLog }): void => {
    const where = typeof log['broker'] === 'string' ? ` ${log['broker']}` : '';
    const key = `${namespace}${where}: ${log.message}`;
    const now = performance.now();
    if (now - (last.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    if (last.size > 200) last.clear();
    last.set(key, now);
    reportProblem(`kafka ${namespace}${where}`, log.message);
  };
}
