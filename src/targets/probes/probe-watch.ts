/** Runs probes on a fixed schedule and remembers what they saw: the feed that faults and recovery judges read. */
import type { Clock } from '../../core/clock.ts';
import type { ProbeFeed } from '../../core/probe.ts';
import type { ProbeSample } from '../../core/samples.ts';
import type { Topology } from '../../core/topology.ts';
import { type EpochMs, ms } from '../../core/units.ts';
import type { Probe } from './connection-probe.ts';
import { createProbe } from './create-probe.ts';

/** The sampling grain: recovery of a connection is known to within this. */
export const PROBE_PERIOD = ms(100);
export const PROBE_DEADLINE = ms(400);
const KEEP_MS = 600_000;
const CONNECTIONS = ['held', 'fresh'] as const;

export interface ProbeWatchOptions {
  readonly topology: Topology;
  readonly clock: Clock;
  onSample?(sample: ProbeSample): void;
  /** For tests: where probes come from. */
  create?(name: string): Probe;
}

export class ProbeWatch implements ProbeFeed {
  readonly #options: ProbeWatchOptions;
  readonly #samples = new Map<string, ProbeSample[]>();
  readonly #probes = new Map<string, Probe>();
  readonly #stopping = new AbortController();
  readonly #loops: Promise<void>[] = [];

  constructor(options: ProbeWatchOptions) {
    this.#options = options;
  }

  async watch(probes: readonly string[]): Promise<void> {
    const { topology, clock } = this.#options;
    const create = this.#options.create ?? ((name: string) => createProbe(name, topology, clock));
    const added = probes.filter((name) => !this.#probes.has(name)).map(create);
    const first = added.flatMap((probe) => {
      this.#probes.set(probe.name, probe);
      return CONNECTIONS.map((connection) => {
        const started = this.#once(probe, connection);
        this.#loops.push(started.then(() => this.#loop(probe, connection)));
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

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#loops);
    for (const probe of this.#probes.values()) probe.close();
  }

  /** A sample that takes longer than the period delays the next to the following tick; ticks are never made up for. */
  async #loop(probe: Probe, connection: 'held' | 'fresh'): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    let due = clock.now() + PROBE_PERIOD;
    while (!signal.aborted) {
      await clock.sleep(ms(due - clock.now()), signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#once(probe, connection);
      const late = clock.now() - due;
      due += PROBE_PERIOD * Math.max(1, Math.ceil(late / PROBE_PERIOD));
    }
  }

  async #once(probe: Probe, connection: 'held' | 'fresh'): Promise<void> {
    const sample = await probe.send(connection, PROBE_DEADLINE);
    const key = `${probe.name} ${connection}`;
    const kept = this.#samples.get(key) ?? [];
    kept.push(sample);
    const oldest = sample.at - KEEP_MS;
    if ((kept[0]?.at ?? oldest) < oldest)
      kept.splice(
        0,
        kept.findIndex((one) => one.at >= oldest),
      );
    this.#samples.set(key, kept);
    this.#options.onSample?.(sample);
  }
}
