/**
 * Which answers of a probe are evidence against a connection. A failure is, by itself. A slow answer is only
 * together with others: four stray ones in 773 (62 to 92 ms, an idle target, a busy machine) are no
 * disturbance. Definitions: docs/measuring.md.
 */
import { isStalled, PROBE_PERIOD_MS, type ProbeSample } from '../core/samples.ts';
import { tailAtLeast } from './statistics.ts';

export interface Observation {
  /** When it was asked. */
  readonly at: number;
  /** When the answer arrived, or when the probe gave up. */
  readonly until: number;
  readonly good: boolean;
  /** The interval of the probe's questions. Absent: `PROBE_PERIOD_MS`. */
  readonly everyMs?: number;
}

/** The answers of a probe before the fault. */
export interface UsualAnswers {
  /** Median time of an answer, in ms. */
  readonly usualMs: number;
  /** Share of answers above the slow limit, 0 to 1. */
  readonly slowShare: number;
}

/**
 * Above this a connection is slow and not good: five times the usual time, and enough more that a busy
 * machine does not reach it.
 */
const SLOW = { factor: 5, marginMs: 60 } as const;
/** Slow answers are counted among this many in a row: one second of questions. */
const WINDOW = 10;
/**
 * This share of the seconds of a baseline may look degraded by chance, as for the recovery of a flow
 * (recovery-windows.ts).
 */
const CHANCE = 2e-4;
/**
 * A few seconds of baseline without a slow answer do not prove a share of 0; a quiet target was observed to
 * have 0.5 %.
 */
const LEAST_SHARE = 0.005;
/** There was no good answer before the fault. */
const UNKNOWN_USUAL_MS = 5;

/** @param usualMs median time of an answer before the fault. */
export const slowLimitMs = (usualMs: number): number =>
  Math.max(SLOW.factor * usualMs, usualMs + SLOW.marginMs);

/** @param before samples of one probe on one connection, from before the fault. */
export function usualAnswers(before: readonly ProbeSample[]): UsualAnswers {
  const took = before.filter((one) => one.ok).map((one) => ownTime(one));
  const sorted = [...took].sort((a, b) => a - b);
  const usualMs = sorted[Math.floor(sorted.length / 2)] ?? UNKNOWN_USUAL_MS;
  const slow = took.filter((one) => one > slowLimitMs(usualMs)).length;
  return { usualMs, slowShare: took.length === 0 ? 0 : slow / took.length };
}

/**
 * How many of ten answers in a row must be slow, so that chance causes it in fewer than 1 of 5,000 windows.
 */
export function slowNeeded(slowShare: number): number {
  const share = Math.min(0.999, Math.max(LEAST_SHARE, slowShare));
  let needed = 1;
  while (needed < WINDOW && tailAtLeast(needed, WINDOW, share) >= CHANCE) needed += 1;
  return needed;
}

/**
 * In the order of the questions, without answers that were late only because of our own process: those are no
 * evidence.
 * @param samples of one probe on one connection.
 */
export function observationsOf(
  samples: readonly ProbeSample[],
  usualMs: number,
  slowShare = 0,
): Observation[] {
  const limit = slowLimitMs(usualMs);
  const counted = inOrder(samples).filter((one) => !isOwnStall(one, limit));
  const isSlow = counted.map((one) => one.ok && one.tookMs > limit);
  // An answer covers the periods in which its connection could carry no other question.
  const against = counted.map((one, index) =>
    one.ok && isSlow[index] === false
      ? 0
      : Math.min(WINDOW, Math.max(1, Math.floor(one.tookMs / (one.everyMs ?? PROBE_PERIOD_MS)))),
  );
  const bad = inDenseWindow(against, slowNeeded(slowShare));
  return counted.map((one, index) => ({
    at: one.at,
    until: one.at + one.tookMs,
    good: one.ok && !(isSlow[index] === true && bad[index] === true),
    ...(one.everyMs !== undefined && { everyMs: one.everyMs }),
  }));
}

/** How many answers were left out because our own process did not run while they arrived. */
export function ownStalls(samples: readonly ProbeSample[], usualMs: number): number {
  const limit = slowLimitMs(usualMs);
  return samples.filter((one) => isOwnStall(one, limit)).length;
}

/**
 * Late only because of us: within the limit, had our event loop run. A refusal or a reset comes from the
 * server, whenever we read it.
 */
function isOwnStall(sample: ProbeSample, limitMs: number): boolean {
  if ((sample.ownStallMs ?? 0) <= 0 || sample.tookMs <= limitMs) return false;
  return (sample.ok || isStalled(sample)) && ownTime(sample) <= limitMs;
}

const ownTime = ({ tookMs, ownStallMs }: ProbeSample): number => tookMs - (ownStallMs ?? 0);

/** Members of any window of ten in a row whose sum is at least `needed`. */
function inDenseWindow(weights: readonly number[], needed: number): boolean[] {
  const marked = weights.map(() => false);
  let sum = 0;
  for (const [end, weight] of weights.entries()) {
    sum += weight - (weights[end - WINDOW] ?? 0);
    if (sum >= needed) marked.fill(true, Math.max(0, end - WINDOW + 1), end + 1);
  }
  return marked;
}

export const inOrder = <T extends { readonly at: number }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => a.at - b.at);
