/** How a throttled link paces: real bytes and real time, with bounds above as well. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig, type Side, settle, until } from '../integration/proxy/rig.ts';
import { dependsOnMachine } from './support/machine.ts';

async function roundTrip(side: Side, payload: Buffer | string): Promise<number> {
  const want = side.received + payload.length;
  const from = performance.now();
  side.socket.write(payload);
  await until(() => side.received >= want);
  return performance.now() - from;
}

describe('a throttled link (depends on the machine)', dependsOnMachine, () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = new Rig();
    const port = await rig.server({ echo: true });
    await rig.start({ one: [{ port }], two: [{ port }] });
  });
  afterEach(() => rig.close());

  it('adds its latency once to a round trip, and never less', async () => {
    const client = await rig.dial('one');
    await roundTrip(client, 'warm');
    await rig.impair('f1', ['one'], { kind: 'throttle', latencyMs: 40 });
    const took: number[] = [];
    for (let round = 0; round < 7; round += 1) took.push(await roundTrip(client, 'ping'));
    took.sort((a, b) => a - b);
    const median = took[3] ?? 0;
    expect(took[0]).toBeGreaterThanOrEqual(40);
    expect(median).toBeLessThan(60);
  });

  it('delivers bytes in the order they were sent, whatever the jitter', async () => {
    const client = await rig.dial('one');
    await rig.impair('f1', ['one'], { kind: 'throttle', latencyMs: 8, jitterMs: 8, seed: 3 });
    const sent: Buffer[] = [];
    for (let chunk = 0; chunk < 60; chunk += 1) {
      const bytes = randomBytes(50 + chunk);
      sent.push(bytes);
      client.socket.write(bytes);
      await settle(1);
    }
    const all = Buffer.concat(sent);
    await until(() => client.received === all.length);
    expect(client.bytes.equals(all)).toBe(true);
  });

  it('shares one bandwidth among all connections of all its links', async () => {
    // 400 kbit/s are 50,000 bytes a second: 20,000 bytes towards the server take 400 ms, over one connection or eight.
    await rig.impair('f1', ['one', 'two'], { kind: 'throttle', bitsPerSecond: 400_000 });
    for (const connections of [1, 8]) {
      const sides = await Promise.all(
        Array.from({ length: connections }, (_, index) => rig.dial(index % 2 === 0 ? 'one' : 'two')),
      );
      const from = performance.now();
      for (const side of sides) side.socket.write(Buffer.alloc(20_000 / connections));
      await until(() => sides.every((side) => side.received === 20_000 / connections));
      const took = performance.now() - from;
      // The return direction overlaps with the forward direction, one slice later; a busy machine only makes
      // it longer.
      expect(took).toBeGreaterThanOrEqual(390);
      expect(took).toBeLessThan(560);
    }
  });

  it('takes at least the time that the bytes need each way', async () => {
    const client = await rig.dial('one');
    await rig.impair('f1', ['one'], { kind: 'throttle', bitsPerSecond: 256_000 });
    // 1 KiB at 32 bytes/ms: 32 ms in each direction; all but one slice of the return overlap with the forward
    // direction.
    expect(await roundTrip(client, Buffer.alloc(1024))).toBeGreaterThanOrEqual(32 + 4);
  });

  it('paces a big write instead of sending it in bursts', async () => {
    const client = await rig.dial('one');
    await until(() => rig.accepted.length === 1);
    await rig.impair('f1', ['one'], { kind: 'throttle', bitsPerSecond: 800_000 });
    client.socket.write(Buffer.alloc(40_000));
    await until(() => rig.accepted[0]?.received === 40_000);
    const largest = Math.max(...(rig.accepted[0]?.chunks ?? []).map((chunk) => chunk.length));
    // 500 bytes a slice; a test process that was held up for a moment reads several at once.
    expect(largest).toBeLessThan(10_000);
  });

  it('is bounded: beyond its queue the bytes stay with the sender', async () => {
    const client = await rig.dial('one');
    await rig.impair('f1', ['one'], { kind: 'throttle', bitsPerSecond: 8000 });
    const total = 32 * 1024 * 1024;
    client.socket.write(Buffer.alloc(total));
    // Stands still: two looks that see the same.
    for (let left = -1; left !== client.socket.writableLength; await settle(100)) {
      left = client.socket.writableLength;
    }
    expect(client.socket.writableLength).toBeGreaterThan(total / 2);
    await rig.heal('f1');
    await until(() => client.received === total);
  });

  it('composes with another: the narrower bandwidth and the sum of the latencies', async () => {
    const client = await rig.dial('one');
    await rig.impair('f1', ['one'], { kind: 'throttle', latencyMs: 20, bitsPerSecond: 80_000_000 });
    await rig.impair('f2', ['one'], { kind: 'throttle', latencyMs: 25, bitsPerSecond: 80_000 });
    // 500 bytes at 10 bytes/ms.
    expect(await roundTrip(client, Buffer.alloc(500))).toBeGreaterThanOrEqual(45 + 50);
    await rig.heal('f2');
    const took = await roundTrip(client, Buffer.alloc(500));
    expect(took).toBeGreaterThanOrEqual(19);
    expect(took).toBeLessThan(45);
  });

  it('lets go at once of what it held when it heals', async () => {
    const client = await rig.dial('one');
    await rig.impair('f1', ['one'], { kind: 'throttle', latencyMs: 60_000, bitsPerSecond: 8000 });
    const sent = randomBytes(100_000);
    client.socket.write(sent);
    client.socket.end();
    await settle(30);
    expect(client.received).toBe(0);
    await rig.heal('f1');
    await until(() => rig.accepted[0]?.ended === true && client.received === sent.length);
    expect(client.bytes.equals(sent)).toBe(true);
  });
});
