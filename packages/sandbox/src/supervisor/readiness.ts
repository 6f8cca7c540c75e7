/**
 * Readiness questions, each on a connection of its own as kubelet asks them, and each with a deadline. They go to the
 * real address, never through a link: a fault on a link is not seen by the kubelet of the pod either.
 */
import { connect, type NetConnectOpts } from 'node:net';
import { BrokerConnection, fromMemory } from '../../../../src/protocols/kafka/broker-connection.ts';
import {
  type BrokerAddress,
  metadataRequest,
  readMetadata,
} from '../../../../src/protocols/kafka/requests.ts';
import type { Endpoint } from '../layout.ts';

/** Resolves with false for every kind of no; never rejects. */
export type Readiness = (deadlineMs: number) => Promise<boolean>;

const STATUS_LINE = /^HTTP\/1\.\d (\d{3})/;
const STATUS_BYTES = 'HTTP/1.1 200'.length;

/** GET of a path answers with 200 to 399, as kubelet counts it. Without node:http, which costs four times the CPU. */
export const httpReady = (endpoint: Endpoint, path: string): Readiness => {
  const host = `${endpoint.host}:${endpoint.port}`;
  const question = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return ask(endpoint, Buffer.from(question), (bytes) => {
    if (bytes.length < STATUS_BYTES) return undefined;
    const status = Number(STATUS_LINE.exec(bytes.toString('latin1', 0, STATUS_BYTES))?.[1] ?? 0);
    return status >= 200 && status < 400;
  });
};

/** Redis answers PING with PONG (not with LOADING or an error). */
export const redisReady = (endpoint: Endpoint): Readiness =>
  ask(endpoint, Buffer.from('PING\r\n'), (bytes) =>
    bytes.length >= 7 ? bytes.toString('latin1', 0, 7) === '+PONG\r\n' : undefined,
  );

/** The broker answers Metadata and names itself among the living: it is registered, caught up and not fenced. */
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

/** Somebody accepts on the unix socket. */
export const socketReady = (path: string): Readiness => ask({ path }, Buffer.alloc(0), () => true);

/** Sends bytes and gives what came back to `judge` until it says yes or no. An empty question is answered by connecting. */
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
