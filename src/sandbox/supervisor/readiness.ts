/**
 * Readiness questions, each on a connection of its own as kubelet asks them, and each with a deadline. They go to the
 * real address, never through a link: a fault on a link is not seen by the kubelet of the pod either.
 */
import { get } from 'node:http';
import { connect, type NetConnectOpts } from 'node:net';
import type { Endpoint } from '../layout.ts';
import { type BrokerAddress, BrokerConnection } from '../services/kafka/broker-connection.ts';
import { metadataRequest, readMetadata } from '../services/kafka/requests.ts';

/** Resolves with false for every kind of no; never rejects. */
export type Readiness = (deadlineMs: number) => Promise<boolean>;

/** GET of a path answers with 200 to 399, as kubelet counts it. */
export const httpReady =
  ({ host, port }: Endpoint, path: string): Readiness =>
  (deadlineMs) =>
    new Promise((resolve) => {
      const request = get({ host, port, path, agent: false, timeout: deadlineMs }, (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        resolve(status >= 200 && status < 400);
        response.once('end', () => request.destroy());
      });
      request.once('timeout', () => request.destroy());
      request.once('error', () => resolve(false));
      request.once('close', () => resolve(false));
    });

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
      const { brokers } = readMetadata(await connection.call(metadataRequest([])));
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
