import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig, settle, until } from './rig.ts';

/** Long enough on loopback for whatever would leak through a cut. */
const LEAK_MS = 60;

describe('a cut link', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = new Rig();
    await rig.start({ link: [{ port: await rig.server() }] });
  });
  afterEach(() => rig.close());
  const cut = (): Promise<void> => rig.impair('f1', ['link'], { kind: 'cut' });

  it('passes nothing either way, closes nothing, and delivers all of it in order after the heal', async () => {
    const client = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    const server = rig.accepted[0];
    await cut();
    const [up, down] = [randomBytes(300_000), randomBytes(300_000)];
    client.socket.write(up);
    server?.socket.write(down);
    await settle(LEAK_MS);
    expect([client.received, server?.received]).toEqual([0, 0]);
    expect((await rig.links())[0]).toMatchObject({ bytes: 0, connections: 1, impairedBy: ['f1'] });
    expect(await rig.heal('f1')).toBe(true);
    await until(() => client.received === down.length && server?.received === up.length);
    expect(client.bytes.equals(down)).toBe(true);
    expect(server?.bytes.equals(up)).toBe(true);
    expect([client.failure, server?.failure]).toEqual([undefined, undefined]);
  });

  it('hides the end of a stream and a reset until it heals', async () => {
    const [ending, broken] = [await rig.dial('link'), await rig.dial('link')];
    await until(() => rig.accepted.length === 2);
    ending.socket.write('a');
    broken.socket.write('b');
    await until(() => rig.accepted.every((side) => side.received === 1));
    const serverOf = (name: string) => rig.accepted.find((side) => side.bytes.toString() === name);
    await cut();
    ending.socket.end('last words');
    broken.socket.resetAndDestroy();
    await settle(LEAK_MS);
    expect(rig.accepted.map((side) => [side.received, side.ended, side.closed])).toEqual([
      [1, false, false],
      [1, false, false],
    ]);
    const [whole, torn] = [serverOf('a'), serverOf('b')];
    await rig.heal('f1');
    await until(() => whole?.ended === true && torn?.closed === true);
    expect(whole?.bytes.toString()).toBe('alast words');
    expect(torn?.failure).toBe('ECONNRESET');
  });

  it('accepts new connections, which hang and go on when it heals', async () => {
    await cut();
    const client = await rig.dial('link');
    client.socket.write('hello');
    await settle(LEAK_MS);
    expect(client.closed).toBe(false);
    expect(rig.accepted).toEqual([]);
    await rig.heal('f1');
    await until(() => rig.accepted[0]?.bytes.toString() === 'hello');
  });

  it('lets nothing of a client that gave up during the cut reach the server', async () => {
    await cut();
    const [polite, rude, patient] = [await rig.dial('link'), await rig.dial('link'), await rig.dial('link')];
    polite.socket.end('a request that nobody waits for');
    rude.socket.write('another');
    rude.socket.resetAndDestroy();
    patient.socket.write('mine');
    await until(() => polite.socket.writableFinished && rude.closed);
    await rig.heal('f1');
    await until(() => rig.accepted.length > 0 && rig.accepted[0]?.bytes.toString() === 'mine');
    await settle(LEAK_MS);
    expect(rig.accepted.length).toBe(1);
    expect((await rig.links())[0]?.connections).toBe(1);
  });

  it('is bounded: what a sender may pile up stays with the sender', async () => {
    const client = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    await cut();
    const before = process.memoryUsage.rss();
    client.socket.write(Buffer.alloc(96 * 1024 * 1024));
    await settle(LEAK_MS * 3);
    expect(client.socket.writableLength).toBeGreaterThan(64 * 1024 * 1024);
    expect(process.memoryUsage.rss() - before).toBeLessThan(160 * 1024 * 1024);
    await rig.heal('f1');
    await until(() => rig.accepted[0]?.received === 96 * 1024 * 1024);
  });

  it('ends by itself after its time, without any call', async () => {
    const client = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    await rig.impair('f1', ['link'], { kind: 'cut' }, 150);
    const from = performance.now();
    client.socket.write('x');
    await until(() => rig.accepted[0]?.received === 1);
    expect(performance.now() - from).toBeGreaterThan(100);
  });

  it('stays cut while one of two impairments is in place', async () => {
    const client = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    await cut();
    await rig.impair('f2', ['link'], { kind: 'cut' });
    await rig.heal('f1');
    client.socket.write('x');
    await settle(LEAK_MS);
    expect(rig.accepted[0]?.received).toBe(0);
    await rig.heal('f2');
    await until(() => rig.accepted[0]?.received === 1);
  });
});
