/** Both hops that understand requests, between a client and a server that send anything: neither may end the proxy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectH2, createServer as createH2Server } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { startProxy } from '../../../packages/link-proxy/src/proxy.ts';
import type { HttpFault } from '../../../src/core/acts/http-acts.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { callControl } from '../../../src/system/control-socket.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: ReturnType<typeof createServer | typeof createH2Server>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

interface Answer {
  bytes: Buffer;
  /** The port of a real server that answers instead. */
  real?: number;
}

/** A server that answers the first bytes of a client with `answer.bytes`, and then closes. */
async function sayer(): Promise<{ readonly port: number; readonly answer: Answer }> {
  const answer: Answer = { bytes: Buffer.alloc(0) };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (answer.real === undefined) socket.once('data', () => socket.end(answer.bytes));
    else socket.pipe(connect(answer.real, '127.0.0.1')).pipe(socket);
  });
  return { port: await listening(server), answer };
}

/** The port of a link to `port`, through the hop of a rule that picks nothing. */
async function throughHop(protocol: HttpFault['protocol'], port: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-foreign-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const controlSocket = join(folder, 's');
  const proxy = await startProxy({
    controlSocket,
    links: [
      {
        name: 'a->b',
        from: 'a',
        to: 'b',
        listen: { host: '127.0.0.1', port: 0 },
        upstreams: [{ instance: 'b-1', host: '127.0.0.1', port, ready: true }],
      },
    ],
  });
  closers.push(() => proxy.close());
  const body = { id: 'f', protocol, links: ['a->b'], share: 0, delayMs: 1, seed: 1, ttlMs: 3_600_000 };
  await callControl(controlSocket, 'PUT', '/http-faults', { body });
  return proxy.ports.get('a->b') ?? 0;
}

/** HTTP/2 has no answer to a half-closed connection: it may stay open for ever, as at a server. */
const PATIENCE_MS = 10;

/** Sends the pieces, hangs up, and resolves when the hop has hung up as well or was waited for long enough. */
function speak(port: number, pieces: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
    for (const piece of pieces) socket.write(piece);
    socket.end(() => setTimeout(() => socket.destroy(), PATIENCE_MS));
  });
}

type Draw = (below: number) => number;

/** One of the samples, or noise; then some bytes changed, repeated or lost. */
function mutated(samples: readonly Buffer[], draw: Draw): Buffer {
  const noise = Buffer.from(Array.from({ length: draw(64) }, () => draw(256)));
  const bytes = draw(8) === 0 ? noise : Buffer.from(samples[draw(samples.length)] ?? noise);
  for (let changes = draw(4); changes > 0 && bytes.length > 0; changes -= 1)
    bytes[draw(bytes.length)] = draw(256);
  const end = draw(3) === 0 ? draw(bytes.length + 1) : bytes.length;
  return draw(10) === 0 ? Buffer.concat([bytes, bytes.subarray(0, end)]) : bytes.subarray(0, end);
}

interface Conversation {
  readonly port: number;
  readonly asked: readonly Buffer[];
  readonly answered: readonly Buffer[];
  readonly answer: Answer;
}

async function converse({ port, asked, answered, answer }: Conversation): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const rng = seededRng(seed);
      const draw: Draw = (below) => Math.floor(rng.next() * below);
      answer.bytes = mutated(answered, draw);
      const bytes = mutated(asked, draw);
      const cut = draw(bytes.length + 1);
      await speak(port, [bytes.subarray(0, cut), bytes.subarray(cut)]);
    }),
    { numRuns: 300 },
  );
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

describe('300 conversations of anything', () => {
  it('leave the hop for HTTP as it was: the next request is answered', async () => {
    const { port, answer } = await sayer();
    const link = await throughHop('http', port);
    const asked = [
      'GET /ready HTTP/1.1\r\nhost: x\r\n\r\n',
      'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody',
      'POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nt: 1\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n',
      'GET /w HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      'HEAD /\x01 HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n\r\n',
    ].map(text);
    const answered = [
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nabc',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\ntrailer: x\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999\r\n\r\nabc',
      'HTTP/1.1 000 \r\nx\x00y: \x7f\r\n\r\n',
      'HTTP/1.0 503 Busy\r\n\r\nrest',
    ].map(text);
    await converse({ port: link, asked, answered, answer });
    answer.bytes = answered[0] ?? Buffer.alloc(0);
    const status = await new Promise((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port: link, path: '/ready', agent: false }, (back) =>
        resolve(back.resume().statusCode),
      );
      asking.on('error', reject).end();
    });
    expect(status).toBe(200);
  });

  it('leave the hop for gRPC as it was: the next call is answered', async () => {
    const real = await grpcServer();
    const call = await recordedCall(real);
    const { port, answer } = await sayer();
    const link = await throughHop('grpc', port);
    await converse({ port: link, asked: [call.asked], answered: [call.answered], answer });
    answer.real = real;
    expect(await callOver(link)).toBe('0');
  });
});

async function grpcServer(): Promise<number> {
  const server = createH2Server();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  });
  return await listening(server);
}

/** One call of Node's own client to Node's own server, as the bytes of both sides. */
async function recordedCall(real: number): Promise<{ readonly asked: Buffer; readonly answered: Buffer }> {
  const said: Record<'asked' | 'answered', Buffer[]> = { asked: [], answered: [] };
  const between = createServer((socket) => {
    const onward = connect(real, '127.0.0.1');
    socket.on('data', (chunk: Buffer) => said.asked.push(chunk)).pipe(onward);
    onward.on('data', (chunk: Buffer) => said.answered.push(chunk)).pipe(socket);
  });
  expect(await callOver(await listening(between))).toBe('0');
  return { asked: Buffer.concat(said.asked), answered: Buffer.concat(said.answered) };
}

/** The `grpc-status` of a call. */
function callOver(port: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const session = connectH2(`http://127.0.0.1:${port}`);
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': '/s/M', te: 'trailers' });
    stream.on('trailers', (trailers) => {
      resolve(trailers['grpc-status']);
      session.destroy();
    });
    stream.on('error', reject).on('close', () => reject(new Error('closed without trailers')));
    stream.resume().end(Buffer.from([0, 0, 0, 0, 0]));
  });
}
