/** Polls a part of the test cluster over HTTPS, as the administrator, until it is ready. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../../src/core/errors.ts';

const POLL_MS = 50;
const REQUEST_MS = 2000;

/**
 * Resolves when a GET of the URL answers with 200.
 * @param died throws when no part is left that could answer. @throws unavailable after `timeoutMs`.
 */
export async function waitReady(
  folder: string,
  url: string,
  timeoutMs: number,
  died: () => void,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  let last = 'no answer';
  while (performance.now() < until) {
    died();
    last = await statusOf(folder, url).then(String, (error: Error) => error.message);
    if (last === '200') return;
    await sleep(POLL_MS);
  }
  throw new GauntletError('unavailable', [
    { subject: `test cluster: ${url}`, expected: `200 within ${timeoutMs / 1000} s`, got: last },
  ]);
}

function statusOf(folder: string, url: string): Promise<number> {
  const file = (name: string): Buffer => readFileSync(join(folder, 'pki', name));
  const auth = { ca: file('ca.crt'), cert: file('admin.crt'), key: file('admin.key') };
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...auth, agent: false, timeout: REQUEST_MS }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${REQUEST_MS} ms`)));
    sent.on('error', reject);
    sent.end();
  });
}

/**
 * `count` free ports of 127.0.0.1; all are held until the last is found, so that they differ.
 */
export async function freeLoopbackPorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen({ host: '127.0.0.1', port: 0 }, () => {
            const address = server.address();
            if (typeof address === 'object' && address !== null) resolve(address.port);
            else reject(new Error('a listener without a port'));
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
