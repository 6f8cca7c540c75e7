/**
 * Readiness probes, each on a new connection like those of kubelet, and each with a deadline. They go to the
 * real address, never through a link: the kubelet of a pod does not see a fault on a link either.
 */
import { connect, type NetConnectOpts } from 'node:net';
import { BrokerConnection, fromMemory } from '../../../../src/protocols/kafka/broker-connection.ts';
import {
  type BrokerAddress,
  metadataRequest,
  readMetadata,
} from '../../../../src/protocols/kafka/requests.ts';
import type { Endpoint } from '../layout.ts';

/** Resolves with false for every kind of failure; never rejects. */
export type Readiness = (deadlineMs: number) => Promise<boolean>;

const STATUS_LINE = /^HTTP\/1\.\d (\d{3})/;
const STATUS_BYTES = 'HTTP/1.1 200'.length;

/**
 * Ready when GET of a path returns 200 to 399, as for kubelet. Written without node:http, which costs four
 * times the CPU.
 */
export const httpReady = (endpoint: Endpoint, path: string): Readiness => {
  const host = `${endpoint.host}:${endpoint.port}`;
  const question = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return ask(endpoint, Buffer.from(question), (bytes) => {
    if (bytes.length < STATUS_BYTES) return undefined;
    const status = Number(STATUS_LINE.exec(bytes.toString('latin1', 0, STATUS_BYTES))?.[1] ?? 0);
    return status >= 200 && status < 400;
  });
};

/** Ready when Redis answers PING with PONG (not with LOADING or an error). */
export const redisReady = (endpoint: Endpoint): Readiness =>
  ask(endpoint, Buffer.from('PING\r\n'), (bytes) =>
    bytes.length >= 7 ? bytes.toString('latin1', 0, 7) === '+PONG\r\n' : undefined,
  );

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
