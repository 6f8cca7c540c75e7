/**
 * Shared by the proxy benches: programs that exit with us, round trips of one small request, floods of bytes.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { programPath } from '../src/system/project.ts';
import type { PeerPorts } from './proxy-peer.ts';

const PAYLOAD = Buffer.from('*1\r\n$4\r\nPING\r\n');

/** With a fast receiver one socket could write for ever, and the others would never start. */
const WRITES_PER_TURN = 16;

export type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Both programs exit when their stdin ends. */
export const start = (program: string, ...args: string[]): Child =>
  spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

export const firstOutput = (child: Child): Promise<string> =>
  new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('exit', (code) => reject(new Error(`exit ${code} before it listened`)));
  });

/** In 10^6 bytes per second, counted at the far end. */
export async function throughput(port: number, connections: number, forMs: number): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024);
  let arrived = 0;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  for (const socket of sockets) {
    socket.on('data', (answer) => {
      arrived += answer.length;
    });
    const fill = (): void => {
      for (let write = 0; write < WRITES_PER_TURN; write += 1) if (!socket.write(chunk)) return;
      setImmediate(fill);
    };
    socket.on('drain', fill);
    fill();
  }
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const rate = arrived / ((performance.now() - from) / 1000);
  for (const socket of sockets) socket.destroy();
  return rate;
}

export async function roundTrip(socket: Socket): Promise<number> {
  const from = performance.now();
  socket.write(PAYLOAD);
  await new Promise((resolve) => socket.once('data', resolve));
  return performance.now() - from;
}

export async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => socket.destroy());
  return socket;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

/**
 * Our proxy with one link to each end of the peer. @param folder for its configuration and its control
 * socket.
 */
export async function startLinkProxy(
  folder: string,
  peer: PeerPorts,
  children: Child[],
): Promise<PeerPorts & { readonly control: string }> {
  const [echo, sink] = [await freePort(), await freePort()];
  const control = join(folder, 'control');
  const config = join(folder, 'config.json');
  const link = (name: string, port: number, to: number): unknown => ({
    name,
    from: 'bench',
    to: 'peer',
    listen: { host: '127.0.0.1', port },
    upstreams: [{ instance: 'peer-1', host: '127.0.0.1', port: to, ready: true }],
  });
  const links = [link('echo', echo, peer.echo), link('sink', sink, peer.sink)];
  writeFileSync(config, JSON.stringify({ controlSocket: control, links }));
  const proxy = start(programPath('packages/link-proxy/src/main'), config);
  children.push(proxy);
  await firstOutput(proxy);
  return { echo, sink, control };
}
