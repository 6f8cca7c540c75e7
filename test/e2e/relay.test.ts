/** The relay that makes services of the test node reachable: both halves as the processes they are, without a namespace between. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relayCommand, relayFile, writeRelays } from '../../packages/test-cluster/src/relay/relays.ts';
import { freeLoopbackPorts } from '../../packages/test-cluster/src/wait-ready.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-relay-'));
const halves: ChildProcess[] = [];
let [echo, dead, toEcho, toDead] = [0, 0, 0, 0];
let server: Server;
let accepted = 0;

const dial = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

/** Everything until the other side ends. */
async function read(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

beforeAll(async () => {
  [echo = 0, dead = 0, toEcho = 0, toDead = 0] = await freeLoopbackPorts(4);
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted += 1;
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(echo, '127.0.0.1', resolve));
  writeRelays(folder, [
    { host: '127.0.0.1', port: echo, listen: toEcho },
    { host: '127.0.0.1', port: dead, listen: toDead },
  ]);
  const [node = '', program = ''] = relayCommand(folder);
  for (const half of ['inside', 'outside']) halves.push(spawn(node, [program, half, relayFile(folder)]));
  for (const until = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const first = await dial(toEcho).catch(() => undefined);
    first?.end('up');
    if (first && (await read(first).catch(() => '')) === 'up') break;
    if (Date.now() > until) throw new Error('the relay does not answer');
  }
});
afterAll(() => {
  for (const half of halves) half.kill();
  server.close();
  rmSync(folder, { recursive: true });
});

describe('the relay', () => {
  it('carries bytes both ways, also after one side has ended its own', async () => {
    const socket = await dial(toEcho);
    socket.end('x'.repeat(300_000));
    expect(await read(socket)).toBe('x'.repeat(300_000));
  });

  it('dials anew for every connection', async () => {
    const before = accepted;
    for (const text of ['a', 'b']) {
      const socket = await dial(toEcho);
      socket.end(text);
      expect(await read(socket)).toBe(text);
    }
    expect(accepted - before).toBe(2);
  });

  it('ends a connection when nothing listens at its destination, and continues with the others', async () => {
    const socket = await dial(toDead);
    expect(await read(socket).catch(() => '')).toBe('');
    const other = await dial(toEcho);
    other.end('still here');
    expect(await read(other)).toBe('still here');
  });
});
