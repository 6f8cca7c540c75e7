/**
 * Readiness probes, each on a new connection like those of kubelet, and each with a deadline. They go to the
 * real address, never through a link: the kubelet of a pod does not see a fault on a link either.
 */
import { connect, type NetConnectOpts } from 'node:net';
import type { Socket } from '../../../../src/core/sandbox/layout.ts';
import { BrokerConnection, fromMemory } from '../../../../src/protocols/kafka/broker-connection.ts';
import {
  type BrokerAddress,
  metadataRequest,
  readMetadata,
} from '../../../../src/protocols/kafka/requests.ts';
import type { Dialler, Line } from '../../../../src/protocols/line/line.ts';

/** Resolves with false for every kind of failure; never rejects. */
export type Readiness = (deadlineMs: number) => Promise<boolean>;

/**
 * Ready when the question of the system file has its good answer, on a new connection.
 * @param isHeld keeps a connection for as long as its answers are good: a new session of HTTP/2 costs the
 * supervisor and the server many times the question.
 */
export function asked(dialler: Dialler, isHeld = false): Readiness {
  let line: Line | undefined;
  return async (deadlineMs) => {
    const began = performance.now();
    let late: NodeJS.Timeout | undefined;
    let isGood = false;
    try {
      if (line === undefined || line.closed) line = await dialler.dial(deadlineMs);
      const left = deadlineMs - (performance.now() - began);
      const tooLate = new Promise<never>((_, reject) => {
        late = setTimeout(() => reject(new Error('no answer in time')), left);
      });
      await Promise.race([line.ask(), tooLate]);
      isGood = true;
    } catch {
      isGood = false;
    }
    clearTimeout(late);
    if (!isGood || !isHeld) {
      line?.close();
      line = undefined;
    }
    return isGood;
  };
}

/** Ready when all of them are. */
export const all =
  (some: readonly Readiness[]): Readiness =>
  async (deadlineMs) =>
    (await Promise.all(some.map((one) => one(deadlineMs)))).every(Boolean);

/** Ready when Redis answers PING with PONG (not with LOADING or an error). */
export const redisReady = (endpoint: Socket): Readiness =>
  ask(endpoint, Buffer.from('PING\r\n'), (bytes) =>
    bytes.length >= 7 ? bytes.toString('latin1', 0, 7) === '+PONG\r\n' : undefined,
  );

/** Ready when PostgreSQL lets a session of its superuser begin; while it recovers it refuses. */
export const postgresReady = (endpoint: Socket): Readiness =>
  ask(endpoint, startupMessage(), (bytes) => (bytes.length > 0 ? bytes[0] === AUTHENTICATION : undefined));

const AUTHENTICATION = 'R'.charCodeAt(0);
const PROTOCOL_3 = 196_608;

function startupMessage(): Buffer {
  const words = Buffer.from(`${['user', 'postgres', 'database', 'postgres'].join('\0')}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + words.length, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, words]);
}

/**
 * Ready when the broker's Metadata answer lists the broker itself: it is registered, caught up and not
 * fenced.
 */
export const kafkaReady =
  (broker: BrokerAddress): Readiness =>
  async (deadlineMs) => {
    const connection = new BrokerConnection(broker, { clientId: 'gauntlet-kubelet', timeoutMs: deadlineMs });
    try {
      const { brokers } = readMetadata(await connection.call(fromMemory(metadataRequest([]))));
      return brokers.some((one) => one.nodeId === broker.nodeId);
    } catch {
      return false;
    } finally {
      connection.close();
    }
  };

/** Ready when the unix socket accepts a connection. */
export const socketReady = (path: string): Readiness => ask({ path }, Buffer.alloc(0), () => true);

/**
 * Sends bytes and passes the received bytes to `judge` until it decides. With an empty request the connection
 * itself is the answer.
 */
function ask(
  to: NetConnectOpts,
  question: Buffer,
  judge: (answer: Buffer) => boolean | undefined,
): Readiness {
  return (deadlineMs) =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connect(to);
      const finish = (ready: boolean): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(ready);
      };
      const timer = setTimeout(() => finish(false), deadlineMs);
      socket.once('error', () => finish(false));
      socket.once('close', () => finish(false));
      socket.once('connect', () => (question.length === 0 ? finish(true) : socket.write(question)));
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        const verdict = judge(Buffer.concat(chunks));
        if (verdict !== undefined) finish(verdict);
      });
    });
}
