/** When a connection was back, from probe samples; and the same for any trace of up and down. */
import type { Recovery } from '../core/result.ts';
import type { ProbeSample } from '../core/samples.ts';
import type { RecoveryAnswer } from './recovery.ts';

export interface Observation {
  /** When it was asked. */
  readonly at: number;
  /** When the answer was there, or when it was given up. */
  readonly until: number;
  readonly good: boolean;
}

/** A connection is slow, not good, above this: five times what was usual, and so much more that a busy machine does not reach it. */
const SLOW = { factor: 5, marginMs: 60 } as const;

/** @param usualMs median time of an answer before the fault. */
export function observationsOf(samples: readonly ProbeSample[], usualMs: number): Observation[] {
  const limit = Math.max(SLOW.factor * usualMs, usualMs + SLOW.marginMs);
  return samples.map((one) => ({
    at: one.at,
    until: one.at + one.tookMs,
    good: one.ok && one.tookMs <= limit,
  }));
}

/**
 * Recovered at the first good answer from which every answer was good for the hold time. The truth lies between the last bad
 * question and that answer.
 */
export function recoveryOfObservations(
  observations: readonly Observation[],
  question: {
    readonly injectedAt: number;
    readonly removedAt: number | null;
    readonly until: number;
    readonly holdMs: number;
  },
): RecoveryAnswer {
  const { injectedAt, removedAt, until, holdMs } = question;
  const seen = observations.filter((one) => one.until >= injectedAt && one.at <= until);
  const bad = seen.filter((one) => !one.good);
  const [firstBad, lastBad] = [bad[0], bad.at(-1)];
  if (!firstBad || !lastBad) return undisturbed(seen.length > 0 && until >= (removedAt ?? Infinity) + holdMs);
  const back = seen.find((one) => one.at > lastBad.at);
  const isBack = back !== undefined && until - back.until >= holdMs;
  const at = isBack ? back.until : until;
  const recovery: Recovery = {
    status: isBack ? 'recovered' : 'censored',
    onsetMs: Math.max(0, firstBad.at - injectedAt),
    sinceInjectedMs: at - injectedAt,
    sinceRemovedMs: removedAt === null ? null : at - removedAt,
    boundMs: isBack ? at - lastBad.at : 0,
    worst: longestSilence(seen, at),
    lossSeconds: badTime(seen, at) / 1000,
    flaps: Math.max(0, runsOfBad(seen) - 1),
  };
  return { settled: isBack, recovery };
}

function undisturbed(isKnown: boolean): RecoveryAnswer {
  const none = { onsetMs: null, sinceInjectedMs: null, sinceRemovedMs: null, boundMs: 0 };
  const status = isKnown ? 'never-degraded' : 'censored';
  return { settled: isKnown, recovery: { status, ...none, worst: 0, lossSeconds: 0, flaps: 0 } };
}

const runsOfBad = (seen: readonly Observation[]): number =>
  seen.filter((one, index) => !one.good && (index === 0 || seen[index - 1]?.good === true)).length;

/** Longest time without a good answer, in ms. */
function longestSilence(seen: readonly Observation[], end: number): number {
  let [longest, since] = [0, seen[0]?.at ?? end];
  for (const one of seen) {
    if (!one.good) continue;
    longest = Math.max(longest, one.until - since);
    since = one.until;
  }
  return longest;
}

/** Each bad answer stands for the time until the next question. */
function badTime(seen: readonly Observation[], end: number): number {
  return seen.reduce((sum, one, index) => {
    const next = Math.min(end, seen[index + 1]?.at ?? end);
    return one.good ? sum : sum + Math.max(0, next - one.at);
  }, 0);
}

/**
 * For traces of states (a pod's readiness): from the first loss at or after `from` to the change from which it stayed up for
 * the hold time. Null when it was never lost, or is not back.
 */
export function recoveryOfStates(
  changes: readonly { readonly at: number; readonly up: boolean }[],
  question: { readonly from: number; readonly until: number; readonly hold: number },
): number | null {
  const relevant = changes.filter((one) => one.at >= question.from && one.at <= question.until);
  const last = relevant.at(-1);
  if (!last?.up || question.until - last.at < question.hold) return null;
  let back = last;
  for (const one of [...relevant].reverse()) {
    if (!one.up) break;
    back = one;
  }
  return back.at - question.from;
}
