/**
 * Waits until the services answer at their addresses. A ready pod is in its EndpointSlice immediately, but
 * kube-proxy writes its rules later (up to a second on a busy node): a client that connected in between had
 * its first connection closed.
 */
import { get } from 'node:http';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError, messageOf } from '../../../../src/core/errors.ts';
import { SPECIALISTS } from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { type RelayPorts, relayAddress } from './addresses.ts';
import type { Within } from './post.ts';

const POLL_MS = 50;
const ANSWER_MS = 2000;

/**
 * Each try dials a new connection, as a new client does. @throws unavailable naming the service that did not
 * answer, and the failure.
 */
export async function servicesAnswer(ports: RelayPorts, { timeoutMs, died }: Within): Promise<void> {
  const asked: readonly (readonly [string, (address: string) => Promise<void>])[] = [
    ['gateway', answersHttp],
    ...SPECIALISTS.map((one) => [`specialist-${one}`, answersHttp2] as const),
  ];
  const until = performance.now() + timeoutMs;
  await Promise.all(
    asked.map(async ([name, ask]) => {
      const address = relayAddress(ports, name);
      for (;;) {
        died();
        const failure = await ask(address).then(() => null, messageOf);
        if (failure === null) return;
        if (performance.now() > until) {
          const expected = `an answer at ${address} within ${timeoutMs / 1000} s`;
          throw new GauntletError('unavailable', [{ subject: `service ${name}`, expected, got: failure }]);
        }
        await sleep(POLL_MS);
      }
    }),
  );
}

function answersHttp(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, timeout: ANSWER_MS };
    const sent = get(`http://${address}/ready`, options, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`status ${answer.statusCode}`));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${ANSWER_MS} ms`)));
    sent.on('error', reject);
  });
}

/**
 * A gRPC server sends its SETTINGS first (RFC 9113 §3.4): they come from the pod, not from a relay in front
 * of it.
 */
function answersHttp2(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    const end = (settle: () => void): void => {
      session.destroy();
      settle();
    };
    session.setTimeout(ANSWER_MS, () => end(() => reject(new Error(`no answer in ${ANSWER_MS} ms`))));
    session.once('remoteSettings', () => end(resolve));
    session.on('error', (error) => end(() => reject(error)));
    session.once('close', () => reject(new Error('the connection was closed')));
  });
}
