/** Exec against a real web socket server on TLS that answers as a kubelet does, and as none does. */
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { execWith } from '../../../src/kube/client/exec.ts';
import { type TlsApi, tlsApi } from '../../fakes/tls-api.ts';

interface Peer {
  send(data: Buffer): void;
  close(): void;
}
/** Of @kubernetes/client-node; its types are not installed. */
const { WebSocketServer } = createRequire(import.meta.url)('ws') as {
  WebSocketServer: new (
    options: object,
  ) => {
    on(event: 'connection', use: (peer: Peer) => void): void;
    handleUpgrade(request: unknown, socket: Duplex, head: Buffer, use: (peer: Peer) => void): void;
  };
};

let api: TlsApi;
let answer: (peer: Peer) => void = () => undefined;

beforeAll(async () => {
  api = await tlsApi((tls) => {
    const server = createServer(tls);
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (peer) => answer(peer)),
    );
    return server;
  });
});
afterAll(() => api.close());

const on = (channel: number, text: string): Buffer => Buffer.from(`${String.fromCharCode(channel)}${text}`);
const run = () =>
  execWith(api.access)({
    namespace: 'shop',
    pod: 'web',
    container: 'c',
    command: ['true'],
    deadlineMs: ms(3000),
  });

describe('a command in a container', () => {
  it('ends with what it wrote and its exit code', async () => {
    answer = (peer) => {
      for (const data of [on(1, 'a'), on(2, 'x'), on(1, 'b'), on(3, '{"status":"Success"}')]) peer.send(data);
    };
    expect(await run()).toMatchObject({ stdout: 'ab', stderr: 'x', ended: 'exited', exitCode: 0 });
  });

  it('is unheard when the peer sends frames that are none, closes channels and hangs up; this process goes on', async () => {
    answer = (peer) => {
      // In later turns: the first frames of a connection may come with its opening.
      setTimeout(() => {
        for (const data of [
          Buffer.alloc(0),
          Buffer.from([255]),
          Buffer.from([255, 1]),
          Buffer.from([255, 2]),
        ])
          peer.send(data);
        peer.close();
      }, 50);
    };
    expect(await run()).toMatchObject({ stdout: '', ended: 'unheard' });
    expect(process.stdout.writable).toBe(true);
  });

  it('is refused when it writes without end, in one frame or in many', async () => {
    answer = (peer) => {
      for (let count = 0; count < 40; count += 1) peer.send(on(1, 'x'.repeat(32_000)));
    };
    await expect(run()).rejects.toThrow('got more than 1000000 bytes.');
    answer = (peer) => peer.send(on(1, 'x'.repeat(2_000_000)));
    expect(await run()).toMatchObject({ stdout: '', ended: 'unheard' });
  });
});
