/** A real TLS server that answers anything, cut anywhere: the client has an answer or an error for the user, and goes on. */
import { createServer, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GauntletError } from '../../../src/core/errors.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { ms } from '../../../src/core/units.ts';
import { KubeClient } from '../../../src/kube/client/client.ts';
import { type TlsApi, tlsApi } from '../../fakes/tls-api.ts';

let api: TlsApi;
let answer: readonly Buffer[] = [];

beforeAll(async () => {
  api = await tlsApi((tls) =>
    createServer(tls, (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        for (const piece of answer) socket.write(piece);
        socket.end();
      });
    }),
  );
});
afterAll(() => api.close());

const http = (status: string, body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
const WHOLE = http('200 OK', '{"items":[]}');
const SAID = [
  WHOLE,
  http('403 Forbidden', '{"kind":"Status","code":403,"message":"no"}'),
  http('200 OK', '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}\n'),
  Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n'),
  Buffer.from('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{'),
  Buffer.from('SSH-2.0-x\r\n'),
  Buffer.alloc(64),
];

const GET = { method: 'GET', path: '/pods', what: 'list pods', deadlineMs: ms(300) } as const;

describe('200 answers of anything', () => {
  it('leave the client of an API server as it was: the next request is answered', async () => {
    const client = new KubeClient(api.access);
    const settled = async (work: Promise<unknown>): Promise<void> => {
      const failure: unknown = await work.then(
        () => null,
        (error: unknown) => error,
      );
      if (failure !== null) expect(failure).toBeInstanceOf(GauntletError);
    };
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const rng = seededRng(seed);
        const draw = (below: number): number => Math.floor(rng.next() * below);
        const bytes = Buffer.from(SAID[draw(SAID.length)] ?? WHOLE);
        for (let changes = draw(4); changes > 0; changes -= 1) bytes[draw(bytes.length)] = draw(256);
        const [cut, end] = [draw(bytes.length + 1), draw(3) === 0 ? draw(bytes.length + 1) : bytes.length];
        answer = [bytes.subarray(0, Math.min(cut, end)), bytes.subarray(Math.min(cut, end), end)];
        await settled(client.ask(GET));
        const stopped = new AbortController().signal;
        await settled(
          client.lines(
            GET,
            stopped,
            (line) => void JSON.parse(line),
            () => undefined,
          ),
        );
      }),
      { numRuns: 100 },
    );
    answer = [WHOLE];
    expect((await client.ask(GET)).body).toEqual({ items: [] });
    client.close();
  });

  it('end: one that changes protocols is no answer, and nobody waits for another', async () => {
    const client = new KubeClient(api.access);
    answer = [Buffer.from('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')];
    await expect(client.ask({ ...GET, method: 'DELETE' })).rejects.toThrow(
      /^list pods at https:\/\/127\.0\.0\.1:\d+: expected an answer, got the connection was closed\.$/,
    );
    client.close();
  });
});
