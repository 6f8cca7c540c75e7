/**
 * Runs probes on a fixed schedule and stores their samples: the feed that faults and recovery judges read.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/clock.ts';
import { PROBE_PERIOD_MS, type ProbeFeed, type ProbeSample } from '../../core/samples.ts';
import type { Topology } from '../../core/topology.ts';
import { type EpochMs, epochMs, ms } from '../../core/units.ts';
import type { Probe } from './connection-probe.ts';
import { createProbe } from './create-probe.ts';

/** The sampling interval where the system's file says no other: the recovery time of a connection is known to this precision. */
const PROBE_PERIOD = ms(PROBE_PERIOD_MS);
const PROBE_DEADLINE = ms(400);
const KEEP_MS = 600_000;
const CONNECTIONS = ['held', 'fresh'] as const;

export interface ProbeWatchOptions {
  readonly topology: Topology;
  readonly clock: Clock;
  onSample?(sample: ProbeSample): void;
  /** When our own event loop did not run; without it no late answer is excused. */
  readonly stalls?: { within(from: number, to: number): number };
  /** For tests: creates the probes. */
  create?(name: string): Probe;
}

export class ProbeWatch implements ProbeFeed {
  readonly #options: ProbeWatchOptions;
  readonly #samples = new Map<string, ProbeSample[]>();
  readonly #probes = new Map<string, Probe>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** Send times of questions without an answer so far, by probe. */
  readonly #underWay = new Map<string, Set<{ readonly at: EpochMs }>>();
  readonly #holds = new Set<{ readonly from: EpochMs }>();

  constructor(options: ProbeWatchOptions) {
    this.#options = options;
    // One sleeper per probe and connection waits on it; Node would report more than ten as a leak.
    setMaxListeners(0, this.#stopping.signal);
  }

  async watch(probes: readonly string[]): Promise<void> {
    const { topology, clock } = this.#options;
    const create = this.#options.create ?? ((name: string) => createProbe(name, topology, clock));
    const added = probes.filter((name) => !this.#probes.has(name)).map(create);
    const first = added.flatMap((probe) => {
      this.#probes.set(probe.name, probe);
      return CONNECTIONS.map((connection) => {
        const started = this.#once(probe, connection);
        this.#track(this.#loop(probe, connection, started));
        return started;
      });
    });
    await Promise.all(first);
  }

  since(probe: string, connection: 'held' | 'fresh', at: EpochMs): readonly ProbeSample[] {
    const kept = this.#samples.get(`${probe} ${connection}`) ?? [];
    let first = kept.length;
    while (first > 0 && (kept[first - 1]?.at ?? 0) >= at) first -= 1;
    return kept.slice(first);
  }

  /**
   * Every question that one of these probes asked before this instant has its answer, and `since` returns it.
   */
  settledUntil(probes: readonly string[]): EpochMs {
    const open = probes.flatMap((name) => [...(this.#underWay.get(name) ?? [])]);
    return epochMs(Math.min(this.#options.clock.now(), ...open.map((one) => one.at)));
  }

  everyMs(probe: string): number | undefined {
    return this.#probes.get(probe)?.times?.everyMs ?? undefined;
  }

  /** Keeps samples from this instant on, until the returned function is called, however long that is. */
  hold(from: EpochMs): () => void {
    const one = { from };
    this.#holds.add(one);
    return () => void this.#holds.delete(one);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
    for (const probe of this.#probes.values()) probe.close();
  }

  /**
   * Fresh samples follow the ticks even while earlier ones wait, so that recovery is known to one period;
   * they end at the deadline, so few wait at a time. The held connection has one request in flight: a sample
   * that takes longer than the period delays the next one to the following tick. Missed ticks are not
   * repeated.
   */
  async #loop(probe: Probe, connection: 'held' | 'fresh', started: Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    const every = probe.times?.everyMs ?? PROBE_PERIOD;
    let due = clock.now() + every;
    if (connection === 'held') await started;
    while (!signal.aborted) {
      const missed = Math.max(0, Math.ceil((clock.now() - due) / every));
      due += missed * every;
      await clock.sleep(ms(due - clock.now()), signal).catch(() => undefined);
      if (signal.aborted) return;
      due += every;
      const sent = this.#once(probe, connection);
      if (connection === 'held') await sent;
      else this.#track(sent);
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #once(probe: Probe, connection: 'held' | 'fresh'): Promise<void> {
    const asked = { at: this.#options.clock.now() };
    const open = this.#underWay.get(probe.name) ?? new Set();
    this.#underWay.set(probe.name, open.add(asked));
    try {
      const { everyMs = null, timeoutMs = null } = probe.times ?? {};
      const sample = this.#marked(await probe.send(connection, timeoutMs ?? PROBE_DEADLINE));
      this.#keep(everyMs === null ? sample : { ...sample, everyMs });
    } finally {
      open.delete(asked);
    }
  }

  #marked(sample: ProbeSample): ProbeSample {
    const ownStallMs = this.#options.stalls?.within(sample.at, sample.at + sample.tookMs) ?? 0;
    return ownStallMs > 0 ? { ...sample, ownStallMs } : sample;
  }

  #keep(sample: ProbeSample): void {
    const { probe, connection } = sample;
    const key = `${probe} ${connection}`;
    const kept = this.#samples.get(key) ?? [];
    // In order of sending: a fresh sample that waited for its deadline is stored after later ones.
    let place = kept.length;
    while (place > 0 && (kept[place - 1]?.at ?? 0) > sample.at) place -= 1;
    kept.splice(place, 0, sample);
    const oldest = Math.min(sample.at - KEEP_MS, ...[...this.#holds].map((one) => one.from));
    while ((kept[0]?.at ?? oldest) < oldest) kept.shift();
    this.#samples.set(key, kept);
    this.#options.onSample?.(sample);
  }
}
