import { describe, expect, it } from 'vitest';
import type { ProbeSample } from '../../../src/core/samples.ts';
import { epochMs, type Ms } from '../../../src/core/units.ts';
import type { Probe } from '../../../src/targets/probes/connection-probe.ts';
import { ProbeWatch } from '../../../src/targets/probes/probe-watch.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

const topology = { platform: 'none', identity: 'none:t', services: [] } as const;

class SlowProbe implements Probe {
  readonly name: string;
  readonly #clock: VirtualClock;
  tookMs = 1;
  closed = false;

  constructor(name: string, clock: VirtualClock) {
    this.name = name;
    this.#clock = clock;
  }

  async send(connection: 'held' | 'fresh'): Promise<ProbeSample> {
    const at = this.#clock.now();
    const { tookMs } = this;
    await this.#clock.sleep(tookMs as Ms);
    return { probe: this.name, connection, at, tookMs, ok: true, outcome: 'ok' };
  }

  close(): void {
    this.closed = true;
  }
}

function setUp(stalls?: { within(from: number, to: number): number }) {
  const clock = new VirtualClock(0);
  const probes = new Map<string, SlowProbe>();
  const seen: ProbeSample[] = [];
  const watch = new ProbeWatch({
    topology,
    clock,
    ...(stalls && { stalls }),
    onSample: (sample) => seen.push(sample),
    create: (name) => {
      const probe = new SlowProbe(name, clock);
      probes.set(name, probe);
      return probe;
    },
  });
  const times = (connection: 'held' | 'fresh', from = 0): number[] =>
    watch.since('redis', connection, epochMs(from)).map((sample) => sample.at);
  return { clock, probes, seen, watch, times };
}

describe('the watch over probes', () => {
  it('has a sample of each connection when it resolves, and then one every 100 ms', async () => {
    const { clock, watch, times, seen } = setUp();
    const watching = watch.watch(['redis']);
    await clock.advance(1);
    await watching;
    expect([times('held'), times('fresh')]).toEqual([[0], [0]]);
    await clock.advance(350);
    expect([times('held'), times('fresh')]).toEqual([
      [0, 100, 200, 300],
      [0, 100, 200, 300],
    ]);
    expect(seen.length).toBe(8);
    const stopping = watch.stop();
    await clock.advance(10);
    await stopping;
  });

  it('gives the samples sent at or after an instant', async () => {
    const { clock, watch, times } = setUp();
    const watching = watch.watch(['redis']);
    await clock.advance(450);
    await watching;
    expect(times('held', 200)).toEqual([200, 300, 400]);
    expect(times('held', 201)).toEqual([300, 400]);
    expect(watch.since('kafka-1', 'held', epochMs(0))).toEqual([]);
  });

  it('keeps fresh samples on their ticks while earlier ones wait; the held connection asks one at a time', async () => {
    const { clock, watch, times, probes } = setUp();
    const watching = watch.watch(['redis']);
    await clock.advance(150);
    await watching;
    const probe = probes.get('redis');
    if (probe) probe.tookMs = 390;
    await clock.advance(60);
    if (probe) probe.tookMs = 5;
    await clock.advance(700);
    expect(times('fresh')).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(times('held')).toEqual([0, 100, 200, 600, 700, 800, 900]);
  });

  it('watches each dependency once, for all readers', async () => {
    const { clock, watch, times, probes } = setUp();
    const one = watch.watch(['redis']);
    const two = watch.watch(['redis', 'gateway']);
    await clock.advance(50);
    await Promise.all([one, two]);
    expect([...probes.keys()]).toEqual(['redis', 'gateway']);
    expect(times('held')).toEqual([0]);
  });

  it('forgets what is older than ten minutes', async () => {
    const { clock, watch, times } = setUp();
    const watching = watch.watch(['redis']);
    await clock.advance(1);
    await watching;
    await clock.advance(620_000);
    expect(times('held').length).toBe(6001);
    expect(times('held')[0]).toBe(20_000);
  });

  it('keeps older ones while a reader holds them', async () => {
    const { clock, watch, times } = setUp();
    const watching = watch.watch(['redis']);
    await clock.advance(1);
    await watching;
    const letGo = watch.hold(epochMs(0));
    await clock.advance(620_000);
    expect(times('held')[0]).toBe(0);
    letGo();
    await clock.advance(100);
    expect(times('held')[0]).toBe(20_100);
  });

  it('vouches for what was asked before the oldest question that has no answer yet', async () => {
    const { clock, watch, probes } = setUp();
    const watching = watch.watch(['redis']);
    await clock.advance(150);
    await watching;
    expect(watch.settledUntil(['redis'])).toBe(150);
    const probe = probes.get('redis');
    if (probe) probe.tookMs = 390;
    await clock.advance(300);
    expect(watch.settledUntil(['redis'])).toBe(200);
    expect(watch.settledUntil(['kafka-1'])).toBe(450);
    await clock.advance(1000);
    const until = watch.settledUntil(['redis']);
    expect(until).toBeGreaterThan(1000);
    const before = watch.since('redis', 'fresh', epochMs(0)).filter((one) => one.at < until);
    await clock.advance(1000);
    expect(watch.since('redis', 'fresh', epochMs(0)).filter((one) => one.at < until)).toEqual(before);
  });

  it('notes how long our own event loop stood still while an answer was under way', async () => {
    const { clock, watch, seen } = setUp({ within: (from, to) => (from <= 200 && to >= 200 ? 60 : 0) });
    const watching = watch.watch(['redis']);
    await clock.advance(350);
    await watching;
    const held = seen.filter((one) => one.connection === 'held');
    expect(held.map((one) => one.ownStallMs)).toEqual([undefined, undefined, 60, undefined]);
  });

  it('sends nothing more after it was stopped, and closes its probes', async () => {
    const { clock, watch, times, probes } = setUp();
    const watching = watch.watch(['redis']);
    await clock.advance(1);
    await watching;
    const stopping = watch.stop();
    await clock.advance(1);
    await stopping;
    await clock.advance(1000);
    expect(times('fresh')).toEqual([0]);
    expect(probes.get('redis')?.closed).toBe(true);
  });
});
