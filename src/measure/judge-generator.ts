/**
 * Whether the generator kept its schedule, wherever a number is judged. Where it did not, latencies are no
 * evidence about the target, and the reason names the fix.
 */
import { meaningOf } from '../core/outcomes.ts';
import type { FlowPhase } from '../core/result.ts';
import type { Reason } from '../core/verdict.ts';
import { samplesForQuantile } from './statistics.ts';

export const GENERATOR_LIMITS = {
  /** Share of the arrivals due in the baseline that must have been started. */
  attained: 0.99,
  /**
   * Lateness at P99 (with few arrivals: at the highest percentile that they allow) above this is queueing in
   * the generator.
   */
  lateP99Ms: 50,
  /**
   * VUs are rate × worst stall: while all of them wait, answers take about that long. Drops without any
   * answer of at least this share of it are caused by the generator.
   */
  slowShare: 0.5,
  /**
   * Share of the arrivals that may be lost to connections which the target had closed for idling: no
   * statistic includes them.
   */
  stale: 0.01,
} as const;

/** One flow in one phase in which something is judged. */
export interface JudgedPhase {
  readonly flow: string;
  readonly phase: string;
  readonly stats: FlowPhase;
  /** The client's own time limit for one request, in ms. */
  readonly worstStallMs: number;
  /** Nothing is due: there is no schedule that the generator could miss. */
  readonly isClosed?: boolean;
}

/**
 * @param isMissed whether an objective of a flow was missed in a phase: then the generator must be beyond
 * doubt.
 */
export function judgeGenerator(
  judged: readonly JudgedPhase[],
  isMissed: (flow: string, phase: string) => boolean,
): readonly Reason[] {
  return judged
    .filter((one) => one.isClosed !== true)
    .flatMap((one) => [
      ...notAttained(one),
      ...late(one, isMissed(one.flow, one.phase)),
      ...droppedByItself(one),
      ...lostToIdling(one),
    ]);
}

/** Outcomes caused by this machine, anywhere in the run: a generator with such errors measures nothing. */
export function judgeOwnTrouble(
  outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>,
): readonly Reason[] {
  return Object.entries(outcomes).flatMap(([flow, counts]) =>
    Object.entries(counts).flatMap(([word, count]) => {
      const { side, means, next = '', happened = OWN } = meaningOf(word);
      if (side !== 'ours') return [];
      return invalid(`${flow}: ${count} ${happened}: ${word} (${means}). ${next}`);
    }),
  );
}

const OWN = 'requests failed on this machine, not on the target';

/** Only in the baseline: later a stalling target may use up all VUs, and its drops count against it. */
function notAttained({ flow, phase, stats }: JudgedPhase): readonly Reason[] {
  const attained = stats.attainedRate / stats.dueRate;
  if (phase !== 'baseline' || !(attained < GENERATOR_LIMITS.attained)) return [];
  const share = (attained * 100).toFixed(1);
  return invalid(
    `${flow}: only ${share} % of the arrivals due in the baseline were started (needed: 99 %); lower the rate or allow more VUs`,
  );
}

/**
 * A percentile needs ten samples beyond it, here as in an objective: with 120 arrivals two late ones are a
 * P99 without any fault of the generator. Their lateness is part of the response times: an objective that was
 * met is met in spite of it; one that was missed may be missed because of it.
 */
function late({ flow, phase, stats }: JudgedPhase, isMissed: boolean): readonly Reason[] {
  const { p50, p90, p95, p99 } = stats.latenessMs;
  const limit = GENERATOR_LIMITS.lateP99Ms;
  const levels = [
    { name: 'P99', quantile: 0.99, ms: p99 },
    { name: 'P95', quantile: 0.95, ms: p95 },
    { name: 'P90', quantile: 0.9, ms: p90 },
  ];
  const [highest] = levels;
  const sure = levels.find((one) => stats.count >= samplesForQuantile(one.quantile)) ?? {
    name: 'P50',
    ms: p50,
  };
  const over = [sure, isMissed ? highest : undefined].find((one) => isAbove(one?.ms, limit));
  if (over === undefined) return [];
  return invalid(
    `${flow}: the generator was late (${over.name} ${over.ms?.toFixed(0)} ms in ${phase}, at most ${limit}); it needs more CPU or a lower rate`,
  );
}

const isAbove = (value: number | null | undefined, limit: number): boolean =>
  value !== null && value !== undefined && value > limit;

function droppedByItself({ flow, phase, stats, worstStallMs }: JudgedPhase): readonly Reason[] {
  const slowest = stats.serviceMs.max ?? 0;
  if (stats.dropped === 0 || slowest >= worstStallMs * GENERATOR_LIMITS.slowShare) return [];
  return invalid(
    `${flow}: the generator dropped ${stats.dropped} arrivals in ${phase} although no answer took above ${slowest.toFixed(0)} ms; it needs more CPU, or more VUs (load item: timeout)`,
  );
}

function lostToIdling({ flow, phase, stats }: JudgedPhase): readonly Reason[] {
  const { stale = 0, due } = stats;
  if (!(stale / due > GENERATOR_LIMITS.stale)) return [];
  const share = ((stale / due) * 100).toFixed(1);
  return invalid(
    `${flow}: ${share} % of the arrivals in ${phase} hit a connection that the target had closed for idling (at most 1 %); raise its keep-alive time above 2 s`,
  );
}

const invalid = (text: string): readonly Reason[] => [{ status: 'INVALID', text }];
