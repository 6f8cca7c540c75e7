/** The interface of the load side to a run: options in, a session to query out. */
import type { Clock } from '../core/clock.ts';
import type { LiveFlow } from '../core/live-flow.ts';
import type { ScenarioLoad } from '../core/load-plan.ts';
import type { Increments } from '../core/samples.ts';
import type { EpochMs, Ms, Us } from '../core/units.ts';
import type { Windowed } from '../measure/live-window.ts';
import type { LoadFinish } from './load-finish.ts';

export interface LoadOptions {
  readonly plan: readonly ScenarioLoad[];
  /** Of the same flows: what `goOn` starts in its place. Absent: nothing follows. */
  readonly next?: readonly ScenarioLoad[] | undefined;
  /** The k6 binary. */
  readonly k6: string;
  readonly seed: number;
  /** The load ends by itself after this; `stop` ends it earlier. */
  readonly durationMs: Ms;
  readonly runDir: string;
  readonly clock: Clock;
  /** Secrets by name: only in the environment of k6, in no file. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The longest window of a `windowed` query; default 5 min. */
  readonly longestWindowMs?: Ms;
  onFlush?(increments: Increments): void;
  /** A problem that invalidates the numbers, as a sentence, as soon as it is known. */
  onProblem?(text: string): void;
  /**
   * A k6 process reached the end of `durationMs` while arrivals were still due, without being asked to stop.
   * @param name see `pids`.
   */
  onBound?(name: string): void;
  readonly signal?: AbortSignal;
}

export interface K6Usage {
  /** Of all k6 processes so far. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

export interface LoadSession {
  /** Every flow has had its first arrival. Rejects when a k6 process ends before that. */
  readonly started: Promise<void>;
  /**
   * Ends the load, whose open arrivals are interrupted, and starts `next`: `started` and `pids` are then of
   * it. A load that is being stopped is not followed.
   * @throws GauntletError 'unavailable' when k6 cannot be started.
   */
  goOn(): Promise<void>;
  /** k6 is gone and everything is written. Rejects only when the run directory cannot be written. */
  readonly finished: Promise<LoadFinish>;
  /** From now on good arrivals with a response above the limit count as slow in the slices. */
  slowLimits(limits: ReadonlyMap<string, Us>): void;
  /** Of what runs now, by process: the scenario, or `orders.2-of-3` when several share its load. */
  pids(): ReadonlyMap<string, number>;
  usage(): K6Usage;
  /**
   * Stops k6: requests in flight are interrupted, samples are flushed; killed when that takes more than 10 s.
   */
  stop(): Promise<LoadFinish>;
  live(): ReadonlyMap<string, LiveFlow>;
  /**
   * The latest complete slices of a flow: about 2.5 s behind the present, which exact ranking of arrivals
   * requires.
   * @param windowMs at most `longestWindowMs`.
   * @param end an earlier end than the latest one, to look back with current knowledge. @throws GauntletError
   * 'defect' for a longer window, or for an unknown flow.
   */
  windowed(flow: string, windowMs: Ms, end?: EpochMs): Windowed;
  /** Where the latest window of a flow ends: the end of a whole slice. -Infinity before its first arrival. */
  windowEnd(flow: string): EpochMs;
  /** When the schedule of the first flow began, derived from its own arrivals; null in the first seconds. */
  scheduleStart(): EpochMs | null;
  /**
   * Every arrival of the flow that was due before this has its end: a watch may rely on the slices before it.
   * Infinity: the load is over.
   */
  settledUntil(flow: string): EpochMs;
}
