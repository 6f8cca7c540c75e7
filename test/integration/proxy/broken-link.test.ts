import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkTraffic } from '../../../src/core/acts/link-acts.ts';
import { Rig, settle, until } from './rig.ts';

/** Long enough on loopback for whatever would leak. */
const LEAK_MS = 60;

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.start({ link: [{ port: await rig.server() }] });
});
afterEach(() => rig.close());

async function traffic(): Promise<LinkTraffic> {
  const [link] = await rig.links();
  if (link === undefined) throw new Error('no link');
  return link.traffic;
}
const trafficWhen = async (is: (now: LinkTraffic) => boolean): Promise<LinkTraffic> => {
  for (;;) {
    const now = await traffic();
    if (is(now)) return now;
    await settle(2);
  }
};

describe('a link that is cut in one direction', () => {
  it('to the server: requests are held, what the server says still arrives', async () => {
    const client = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    const server = rig.accepted[0];
    await rig.impair('f1', ['link'], { kind: 'cut', direction: 'to-server' });
    client.socket.write('request');
    server?.socket.write('news');
    await until(() => client.received === 4);
    const now = await trafficWhen((one) => one.toServer.stuckBytes > 0);
    expect(now.toServer).toEqual({ bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 7 });
    expect(now.toClient).toEqual({ bytes: 4, chunks: 1, heldMs: 0, stuckBytes: 0 });
    await settle(LEAK_MS);
    expect(server?.received).toBe(0);
    await rig.heal('f1');
    await until(() => server?.bytes.toString() === 'request');
    expect((await traffic()).toServer.stuckBytes).toBe(0);
  });

  it('to the client: the request is carried out and its answer is held, in order and bounded', async () => {
    await rig.impair('f1', ['link'], { kind: 'cut', direction: 'to-client' });
    const client = await rig.dial('link');
    client.socket.write('request');
    await until(() => rig.accepted[0]?.bytes.toString() === 'request');
    const answer = randomBytes(32 * 1024 * 1024);
    rig.accepted[0]?.socket.write(answer);
    const now = await trafficWhen((one) => one.toClient.stuckBytes > 0);
    await settle(LEAK_MS);
    expect(client.received).toBe(0);
    expect(now.waiting).toBe(0);
    expect((await traffic()).toClient.stuckBytes).toBeLessThanOrEqual(512 * 1024);
    await rig.heal('f1');
    await until(() => client.received === answer.length);
    expect(client.bytes.equals(answer)).toBe(true);
  });

  it('both directions cut one by one are a cut, and each comes back alone', async () => {
    const client = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    await rig.impair('up', ['link'], { kind: 'cut', direction: 'to-server' });
    await rig.impair('down', ['link'], { kind: 'cut', direction: 'to-client' });
    client.socket.write('a');
    rig.accepted[0]?.socket.write('b');
    await settle(LEAK_MS);
    expect([client.received, rig.accepted[0]?.received]).toEqual([0, 0]);
    await rig.heal('down');
    await until(() => client.received === 1);
    expect(rig.accepted[0]?.received).toBe(0);
    await rig.heal('up');
    await until(() => rig.accepted[0]?.received === 1);
  });

  it('ends by itself after its time', async () => {
    await rig.impair('f1', ['link'], { kind: 'cut', direction: 'to-server' }, 100);
    const client = await rig.dial('link');
    client.socket.write('x');
    await until(() => rig.accepted[0]?.received === 1);
  });
});

describe('a link that resets', () => {
  it('breaks what is open on both sides once, and each new connection at once', async () => {
    const open = [await rig.dial('link'), await rig.dial('link')];
    await until(() => rig.accepted.length === 2);
    await rig.impair('f1', ['link'], { kind: 'reset' });
    await until(() => [...open, ...rig.accepted].every((side) => side.closed));
    expect([...open, ...rig.accepted].map((side) => side.failure)).toEqual(Array(4).fill('ECONNRESET'));
    const late = await rig.dial('link');
    late.socket.write('x');
    await until(() => late.closed);
    expect(late.failure).toMatch(/ECONNRESET|EPIPE/);
    const [link] = await rig.links();
    expect([link?.connections, link?.traffic.resets]).toEqual([0, 3]);
    expect(rig.accepted.length).toBe(2);
  });

  it('breaks connections that a cut was holding, and admits no client while one of two resets is active', async () => {
    await rig.impair('cut', ['link'], { kind: 'cut' });
    const waiting = await rig.dial('link');
    expect((await trafficWhen((one) => one.waiting > 0)).waiting).toBe(1);
    await rig.impair('f1', ['link'], { kind: 'reset' });
    await rig.impair('f2', ['link'], { kind: 'reset' });
    await until(() => waiting.closed);
    await rig.heal('cut');
    await rig.heal('f1');
    const late = await rig.dial('link');
    await until(() => late.closed);
    await rig.heal('f2');
    const good = await rig.dial('link');
    good.socket.write('x');
    await until(() => rig.accepted[0]?.received === 1);
    expect(rig.accepted.length).toBe(1);
  });

  it('ends by itself after its time, without any call', async () => {
    await rig.impair('f1', ['link'], { kind: 'reset' }, 100);
    for (;;) {
      const client = await rig.dial('link');
      client.socket.write('x');
      await settle(20);
      if (rig.accepted[0]?.received === 1) break;
    }
    expect((await rig.links())[0]?.impairedBy).toEqual([]);
  });
});

describe('a link that rejects', () => {
  const REJECT = { kind: 'reject', answer: '-ERR max number of clients reached\r\n' } as const;

  it('answers each new connection and closes it without a dial, while open ones continue', async () => {
    const open = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    await rig.impair('f1', ['link'], REJECT);
    const late = await rig.dial('link');
    await until(() => late.ended);
    expect(late.bytes.toString()).toBe(REJECT.answer);
    late.socket.end();
    await until(() => late.closed);
    expect(late.failure).toBeUndefined();
    open.socket.write('x');
    await until(() => rig.accepted[0]?.received === 1);
    rig.accepted[0]?.socket.write('yz');
    await until(() => open.received === 2);
    expect(rig.accepted.length).toBe(1);
    const [link] = await rig.links();
    expect([link?.connections, link?.traffic.rejected]).toEqual([1, 1]);
    // Its own answer is no traffic of the link.
    expect([link?.traffic.toServer.bytes, link?.traffic.toClient.bytes]).toEqual([1, 2]);
    await rig.heal('f1');
    const good = await rig.dial('link');
    good.socket.write('x');
    await until(() => rig.accepted[1]?.received === 1);
    expect((await traffic()).rejected).toBe(1);
  });

  it('gives its answer to a client that sends first, and goes on sending, without an RST', async () => {
    await rig.impair('f1', ['link'], REJECT);
    const client = await rig.dial('link');
    client.socket.pause();
    for (let sent = 0; sent < 50; sent += 1) {
      client.socket.write('*3\r\n$4\r\nAUTH\r\n$4\r\nuser\r\n$4\r\nword\r\n*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n');
      await settle(2);
    }
    client.socket.resume();
    await until(() => client.ended);
    expect(client.bytes.toString()).toBe(REJECT.answer);
    client.socket.end();
    await until(() => client.closed);
    expect(client.failure).toBeUndefined();
    expect(rig.accepted).toEqual([]);
  });

  it('closes without an answer where none is given', async () => {
    await rig.impair('f1', ['link'], { kind: 'reject' });
    const client = await rig.dial('link');
    client.socket.write('a client hello');
    await until(() => client.ended);
    expect([client.received, client.failure]).toEqual([0, undefined]);
  });

  it('does not wait for ever for a client that does not close', async () => {
    await rig.impair('f1', ['link'], REJECT);
    const client = await rig.dial('link');
    await until(() => client.ended);
    // After the drain its bytes reach nobody: an RST says so.
    while (!client.closed) {
      client.socket.write('x');
      await settle(20);
    }
    expect(client.failure).toMatch(/ECONNRESET|EPIPE/);
    expect(client.bytes.toString()).toBe(REJECT.answer);
  });

  it('hangs while a cut hides it, in either direction, and then rejects', async () => {
    await rig.impair('f1', ['link'], REJECT);
    await rig.impair('cut', ['link'], { kind: 'cut', direction: 'to-client' });
    const client = await rig.dial('link');
    expect((await trafficWhen((one) => one.waiting > 0)).rejected).toBe(0);
    await rig.impair('cut', ['link'], { kind: 'cut', direction: 'to-server' });
    await settle(LEAK_MS);
    expect([client.received, client.ended, rig.accepted.length]).toEqual([0, false, 0]);
    await rig.heal('cut');
    await until(() => client.ended);
    expect(client.bytes.toString()).toBe(REJECT.answer);
    expect(rig.accepted).toEqual([]);
  });

  it('lets a connection through that a cut held until the rejection was over', async () => {
    await rig.impair('f1', ['link'], REJECT);
    await rig.impair('cut', ['link'], { kind: 'cut' });
    const client = await rig.dial('link');
    client.socket.write('x');
    await trafficWhen((one) => one.waiting > 0);
    await rig.heal('f1');
    await rig.heal('cut');
    await until(() => rig.accepted[0]?.received === 1);
    expect(client.ended).toBe(false);
  });

  it('ends by itself after its time, without any call', async () => {
    await rig.impair('f1', ['link'], REJECT, 100);
    for (;;) {
      const client = await rig.dial('link');
      client.socket.write('x');
      await settle(20);
      if (rig.accepted[0]?.received === 1) break;
    }
    expect((await rig.links())[0]?.impairedBy).toEqual([]);
  });
});

describe('what a link counts', () => {
  it('is how long it held what it handed on: nothing when it is clear, the latency when it is slow', async () => {
    const client = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    client.socket.write('x');
    await until(() => rig.accepted[0]?.received === 1);
    expect((await traffic()).toServer).toEqual({ bytes: 1, chunks: 1, heldMs: 0, stuckBytes: 0 });
    await rig.impair('f1', ['link'], { kind: 'throttle', latencyMs: 40, bitsPerSecond: 8000 });
    client.socket.write('y'.repeat(20));
    await until(() => rig.accepted[0]?.received === 21);
    const { chunks, heldMs } = (await traffic()).toServer;
    // 20 bytes at 1 byte/ms behind 40 ms of latency.
    expect(chunks).toBe(2);
    expect(heldMs).toBeGreaterThanOrEqual(58);
  });
});
