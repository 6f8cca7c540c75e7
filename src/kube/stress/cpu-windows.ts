/**
 * Counts for each victim before a stress, while it was in place, and after it: one reader for each, as long
 * as it is needed.
 */

import type { CpuSpan, SqueezedPod } from '../../core/acts/pod-stress-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { PodVictim } from '../../core/topology.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';
import { podsPath } from '../client/list.ts';
import { type PodJson, podRecord } from '../pods/pod-record.ts';
import { CpuReader } from './cpu-reader.ts';
import { spanBetween, type Totals } from './cpu-totals.ts';

/**
 * Counts after the end are evaluated in windows of this length, one after another: a lasting effect is in
 * each of them.
 */
const WINDOW_MS = 1000;
const POLL_MS = ms(100);
/** The time limit for readings from before the stress: an ephemeral container had to be started for them. */
const PATIENCE_MS = ms(10_000);
/** For a reader that reads only after the end: a `gauntlet recover`. */
const AFTER_MS = ms(120_000);
/** The API cannot remove an ephemeral container: one that does not start is not retried with each check. */
const RETRY_MS = 20_000;

interface Watched {
  readonly victim: PodVictim;
  reader: CpuReader;
  before: CpuSpan | null;
  from: Totals | undefined;
  hasEnded: boolean;
  /** The last whole window after the end. */
  window: CpuSpan | null;
  /** The last start of a reader after the end, and how it failed. */
  lastStart: { readonly at: EpochMs; readonly failed?: unknown } | undefined;
}

export class CpuWindows {
  readonly #client: KubeApi;
  readonly #image: string;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched[]>();

  constructor(client: KubeApi, image: string, clock: Clock) {
    this.#client = client;
    this.#image = image;
    this.#clock = clock;
  }

  /**
   * Starts a reader in each and waits until it has counted for this long. @throws as CpuReader.start, Error
   * when nothing arrives.
   */
  async open(id: string, victims: readonly PodVictim[], lastsMs: Ms, beforeMs: Ms): Promise<void> {
    const all: Watched[] = victims.map((victim) => this.#watch(victim));
    this.#watched.set(id, all);
    await Promise.all(all.map((one) => one.reader.start(lastsMs)));
    const until = this.#clock.now() + PATIENCE_MS + beforeMs;
    for (;;) {
      for (const one of all) one.from ??= one.reader.totals;
      const spans = all.map((one) => this.#span(one));
      if (spans.every((span) => span !== null && span.spanMs >= beforeMs)) {
        for (const [index, one] of all.entries()) one.before = spans[index] ?? null;
        return;
      }
      const lost = all.flatMap((one) => one.reader.lost ?? [])[0];
      if (lost !== undefined || this.#clock.now() > until) {
        throw new Error(`the kernel's counts cannot be read: ${lost ?? 'nothing came from its reader'}`);
      }
      await this.#clock.sleep(POLL_MS);
    }
  }

  /** From here on counts belong to the effect: earlier ones, up to the newest reading, are excluded. */
  mark(id: string): void {
    for (const one of this.#watched.get(id) ?? []) one.from = one.reader.totals;
  }

  since(id: string): readonly SqueezedPod[] {
    return (this.#watched.get(id) ?? []).map((one) => {
      one.from ??= one.reader.totals;
      return { victim: one.victim, before: one.before, since: this.#span(one) };
    });
  }

  /** For victims that still run. A process that did not begin the stress starts its own readers. */
  async after(id: string, victims: readonly PodVictim[]): Promise<readonly SqueezedPod[]> {
    const there: SqueezedPod[] = [];
    for (const victim of victims) {
      if (!(await this.#isThere(victim))) continue;
      const one = await this.#watchAfter(id, victim);
      const span = this.#span(one);
      if (span !== null && span.spanMs >= WINDOW_MS) {
        one.window = span;
        one.from = one.reader.totals;
      }
      one.from ??= one.reader.totals;
      there.push({ victim, before: one.before, since: one.window });
    }
    return there;
  }

  stop(): void {
    for (const one of [...this.#watched.values()].flat()) one.reader.stop();
  }

  #watch(victim: PodVictim): Watched {
    const reader = new CpuReader(this.#client, this.#image, victim, this.#clock);
    return {
      victim,
      reader,
      before: null,
      from: undefined,
      hasEnded: false,
      window: null,
      lastStart: undefined,
    };
  }

  async #watchAfter(id: string, victim: PodVictim): Promise<Watched> {
    const all = this.#watched.get(id) ?? [];
    this.#watched.set(id, all);
    const found = all.find((one) => one.victim.uid === victim.uid && one.victim.run?.id === victim.run?.id);
    const why = found?.lastStart?.failed ?? found?.reader.lost;
    if (found !== undefined && why === undefined) {
      if (!found.hasEnded) found.from = found.reader.totals;
      found.hasEnded = true;
      return found;
    }
    const one = found ?? this.#watch(victim);
    if (found === undefined) all.push(one);
    if (one.lastStart !== undefined && this.#clock.now() - one.lastStart.at < RETRY_MS) {
      throw new Error(`the kernel's counts cannot be read: ${messageOf(why)}`);
    }
    one.reader.stop();
    one.reader = new CpuReader(this.#client, this.#image, victim, this.#clock);
    one.from = undefined;
    one.hasEnded = true;
    try {
      await one.reader.start(AFTER_MS);
      one.lastStart = { at: this.#clock.now() };
    } catch (error) {
      one.lastStart = { at: this.#clock.now(), failed: error };
      throw error;
    }
    return one;
  }

  #span({ from, reader }: Watched): CpuSpan | null {
    const now = reader.totals;
    return from === undefined || now === undefined || now.atMs <= from.atMs ? null : spanBetween(from, now);
  }

  /** The same pod with the same run of the container: a stress in another run ended with that run. */
  async #isThere({ namespace, instance, uid, run }: PodVictim): Promise<boolean> {
    const path = `${podsPath(namespace)}/${encodeURIComponent(instance)}`;
    const what = `get pod ${instance} in ${namespace}`;
    try {
      const pod = podRecord((await this.#client.ask<PodJson>({ method: 'GET', path, what })).body);
      return pod.uid === uid && pod.inside.containers.some((one) => one.id === run?.id);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }
}
