/** The counts and times of a path, over the run and by phase. */
import type { PathCounts, PathResult, StageCounts, StageTimes } from '../../core/paths.ts';
import { iterationId, type RunOfIds } from '../../core/records.ts';
import type { Phase } from '../../core/result.ts';
import { rankOf } from '../latency-histogram.ts';
import { phaseAt } from '../phase-at.ts';
import type { PathRecords } from './path-records.ts';
import type { AtStage, Followed } from './walk-path.ts';

/** Enough to look some of them up. */
const SHOWN_IDS = 10;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Counts of one stage while they grow. */
class Tally {
  readonly #counts: Mutable<Omit<StageCounts, 'ms'>> = {
    ...{ expected: 0, arrived: 0, ended: 0, lost: 0, stuck: 0, waiting: 0, duplicated: 0, reordered: 0 },
  };
  readonly #times: number[] = [];
  backwards = 0;

  stage(one: AtStage): void {
    if (one.fate === 'not-expected') return;
    this.#counts.expected += 1;
    this.#counts[one.fate] += 1;
    if (one.isEnd) this.#counts.ended += 1;
    this.#marks(one.isDuplicated, one.isReordered);
    this.#time(one.since, one.at);
  }

  path({ dueAt, stages }: Followed): void {
    this.#counts.expected += 1;
    const last = stages.at(-1);
    if (last?.fate === 'arrived') this.#counts.arrived += 1;
    const is = {
      ended: false,
      lost: false,
      stuck: false,
      waiting: false,
      duplicated: false,
      reordered: false,
    };
    for (const { fate, isEnd, isDuplicated, isReordered } of stages) {
      if (fate === 'lost' || fate === 'stuck' || fate === 'waiting') is[fate] = true;
      is.ended ||= isEnd;
      is.duplicated ||= isDuplicated;
      is.reordered ||= isReordered;
    }
    if (is.ended) this.#counts.ended += 1;
    if (is.lost) this.#counts.lost += 1;
    if (is.stuck) this.#counts.stuck += 1;
    if (is.waiting) this.#counts.waiting += 1;
    this.#marks(is.duplicated, is.reordered);
    this.#time(dueAt, last?.at);
  }

  counts(): StageCounts {
    return { ...this.#counts, ms: timesOf(this.#times) };
  }

  #marks(isDuplicated: boolean, isReordered: boolean): void {
    if (isDuplicated) this.#counts.duplicated += 1;
    if (isReordered) this.#counts.reordered += 1;
  }

  #time(since: number | undefined, at: number | undefined): void {
    if (since === undefined || at === undefined) return;
    if (at < since) this.backwards += 1;
    this.#times.push(Math.max(0, at - since));
  }
}

class PathTally {
  readonly #whole = new Tally();
  readonly #stages: readonly Tally[];

  constructor(stages: number) {
    this.#stages = Array.from({ length: stages }, () => new Tally());
  }

  add(one: Followed): void {
    this.#whole.path(one);
    for (let index = 0; index < one.stages.length; index += 1) {
      const stage = one.stages[index];
      if (stage) this.#stages[index]?.stage(stage);
    }
  }

  get backwards(): number {
    return this.#stages.reduce((sum, one) => sum + one.backwards, 0);
  }

  counts(): PathCounts {
    return { whole: this.#whole.counts(), stages: this.#stages.map((one) => one.counts()) };
  }
}

export interface PathQuestion {
  readonly run: RunOfIds;
  /** By flow. */
  readonly executors: Readonly<Record<string, string>>;
  readonly phases: readonly Phase[];
  /** Why the ledger of its requests is open. */
  readonly open: readonly string[];
}

export function pathResult(
  records: PathRecords,
  followed: Iterable<Followed>,
  { run, executors, phases, open }: PathQuestion,
): PathResult {
  const { stages, withinMs } = records.plan;
  const whole = new PathTally(stages.length);
  const parts = phases.map(() => new PathTally(stages.length));
  const missing: { readonly dueAt: number; readonly text: string; readonly fate: string }[] = [];
  for (const one of followed) {
    whole.add(one);
    parts[phaseAt(phases, one.dueAt)]?.add(one);
    for (let index = 0; index < stages.length; index += 1) {
      const fate = one.stages[index]?.fate;
      if (fate !== 'lost' && fate !== 'stuck') continue;
      const id = iterationId(run, executors[one.flow] ?? one.flow, one);
      missing.push({ dueAt: one.dueAt, text: `${id} (no record in ${stages[index]?.name})`, fate });
    }
  }
  missing.sort((a, b) => a.dueAt - b.dueAt);
  const ids = (fate: string): readonly string[] =>
    missing
      .filter((one) => one.fate === fate)
      .slice(0, SHOWN_IDS)
      .map((one) => one.text);
  return {
    stages: stages.map((one) => one.name),
    withinMs,
    run: whole.counts(),
    phases: Object.fromEntries(phases.map(({ name }, index) => [name, (parts[index] as PathTally).counts()])),
    lostIds: ids('lost'),
    stuckIds: ids('stuck'),
    backwards: whole.backwards,
    open: [...new Set([...open, ...records.open])],
  };
}

function timesOf(times: number[]): StageTimes {
  const sorted = new Float64Array(times).sort();
  const at = (quantile: number): number | null => sorted[rankOf(quantile, sorted.length) - 1] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? null };
}
