/** When a connection recovered, from the answers of its probes; also for any other trace of up and down. */
import type { Recovery } from '../core/result.ts';
import { inOrder, type Observation } from './probe-observations.ts';
import type { RecoveryAnswer } from './recovery.ts';

export interface ConnectionQuestion {
  readonly injectedAt: number;
  /** Null: not removed yet, or never proven to be. */
  readonly removedAt: number | null;
  /** Questions from here on are ignored: they may have no answer yet. */
  readonly until: number;
  readonly holdMs: number;
}

/**
 * Without a question for this long, the state is unknown, and a hold starts again. As long as the longest
 * window of a flow; for a probe that asks seldom, as long as three of its intervals.
 */
const SILENT_MS = 2000;
const SILENT_INTERVALS = 3;

const silentMs = (seen: readonly Observation[]): number =>
  seen.reduce((most, { everyMs = 0 }) => Math.max(most, SILENT_INTERVALS * everyMs), SILENT_MS);

/** A relapse is more than a stray answer: this many bad ones among this many in a row. */
const RELAPSE = { bad: 3, of: 10 } as const;

/**
 * Recovered at the first good answer with no bad one for the hold time after it. The true instant is between
 * the last bad question before it and that answer. A later bad answer is a flap; only bad answers that
 * continue until the watch ends leave the result open.
 */
export function recoveryOfObservations(
  observations: readonly Observation[],
  question: ConnectionQuestion,
): RecoveryAnswer {
  const { injectedAt, removedAt, until, holdMs } = question;
  const seen = inOrder(observations).filter((one) => one.until >= injectedAt && one.at < until);
  const firstBad = seen.findIndex((one) => !one.good);
  const onset = seen[firstBad];
  if (onset === undefined) return undisturbed(seen, question);
  const back = firstHold(seen, firstBad, until, holdMs);
  const relapse = back === null ? null : openRelapse(seen, back, until, holdMs);
  const at = back === null ? until : back.good.until;
  const recovery: Recovery = {
    status: back === null ? 'censored' : 'recovered',
    onsetMs: Math.max(0, onset.at - injectedAt),
    sinceInjectedMs: at - injectedAt,
    sinceRemovedMs: removedAt === null ? null : at - removedAt,
    boundMs: back === null ? 0 : at - back.lastBad.at,
    worst: longestSilence(seen, until),
    lossSeconds: badTime(seen, at) / 1000,
    flaps: Math.max(0, runsOfBad(seen) - 1),
    ...(relapse !== null && { relapsedAtMs: relapse.at - injectedAt }),
  };
  return { settled: back !== null && relapse === null, recovery };
}

function undisturbed(seen: readonly Observation[], question: ConnectionQuestion): RecoveryAnswer {
  const { removedAt, until, holdMs } = question;
  const isKnown =
    removedAt !== null && until >= removedAt + holdMs && isHeard(seen, removedAt, removedAt + holdMs);
  const none = { onsetMs: null, sinceInjectedMs: null, sinceRemovedMs: null, boundMs: 0 };
  const status = isKnown ? 'never-degraded' : 'censored';
  return { settled: isKnown, recovery: { status, ...none, worst: 0, lossSeconds: 0, flaps: 0 } };
}

/** Whether there was a question at least every two seconds between the two instants. */
function isHeard(seen: readonly Observation[], from: number, to: number): boolean {
  let last = from;
  const silent = silentMs(seen);
  for (const one of seen) {
    if (one.at - last > silent && last < to) return false;
    last = Math.max(last, Math.min(one.until, to));
  }
  return to - last <= silent && seen.length > 0;
}

interface Back {
  /** Index of the good answer. */
  readonly index: number;
  readonly good: Observation;
  readonly lastBad: Observation;
}

/** @param firstBad index of a bad answer. */
function firstHold(
  seen: readonly Observation[],
  firstBad: number,
  until: number,
  holdMs: number,
): Back | null {
  let lastBad = seen[firstBad];
  let back: Back | null = null;
  /** The last instant up to which the connection is known to have been good since `back`. */
  let heard = 0;
  const silent = silentMs(seen);
  for (let index = firstBad; index < seen.length; index += 1) {
    const one = seen[index];
    if (one === undefined || lastBad === undefined) break;
    if (back !== null) {
      const isSilent = one.at - heard > silent;
      if ((isSilent ? heard : one.at) - back.good.until >= holdMs) return back;
      if (isSilent) back = null;
    }
    if (!one.good) {
      lastBad = one;
      back = null;
    } else {
      back ??= { index, good: one, lastBad };
      heard = one.until;
    }
  }
  if (back === null) return null;
  const end = until - heard > silent ? heard : until;
  return end - back.good.until >= holdMs ? back : null;
}

/**
 * The first bad answer after which the connection was not good for the hold time, unless it is a single stray
 * one.
 */
function openRelapse(
  seen: readonly Observation[],
  { index }: Back,
  until: number,
  holdMs: number,
): Observation | null {
  let from = index;
  for (;;) {
    const next = seen.findIndex((one, place) => place > from && !one.good);
    const first = seen[next];
    if (first === undefined) return null;
    const again = firstHold(seen, next, until, holdMs);
    if (again === null) return isMoreThanStray(seen.slice(next)) ? first : null;
    from = again.index;
  }
}

const isMoreThanStray = (tail: readonly Observation[]): boolean =>
  tail.some(
    (_, from) => tail.slice(from, from + RELAPSE.of).filter((one) => !one.good).length >= RELAPSE.bad,
  );

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

/** Each bad answer covers the time until the next question. */
function badTime(seen: readonly Observation[], end: number): number {
  return seen.reduce((sum, one, index) => {
    const next = Math.min(end, seen[index + 1]?.at ?? end);
    return one.good ? sum : sum + Math.max(0, next - one.at);
  }, 0);
}

/**
 * For traces of states (a pod's readiness): from `from` to the first change after which it stayed up for the
 * hold time, in the unit of the changes, which are in order of time. A later loss is a separate one. Null
 * when it was never lost, or has not recovered.
 */
export function recoveryOfStates(
  changes: readonly { readonly at: number; readonly up: boolean }[],
  question: { readonly from: number; readonly until: number; readonly hold: number },
): number | null {
  let back: number | null = null;
  for (const { at, up } of changes) {
    if (at < question.from || at > question.until) continue;
    if (back !== null && !up && at - back >= question.hold) return back - question.from;
    back = up ? (back ?? at) : null;
  }
  return back !== null && question.until - back >= question.hold ? back - question.from : null;
}
