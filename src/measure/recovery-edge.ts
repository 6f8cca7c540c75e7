/**
 * Where in a range of slices a level recovered: the change point of a series of good and bad arrivals, with
 * the interval that the data allow. Not simply the last bad slice: when 30 % fail, the last failure is well
 * before the end of the fault, and a failure of the baseline may follow it.
 */
import { SLICE_MS } from '../core/samples.ts';
import { baselineShare, type LevelSlice } from './recovery-windows.ts';

/** The true instant is in (from, to], in epoch ms. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts within this much of the best log-likelihood are not excluded. e^-3 = 5 %: if a share f failed before,
 * the cut can be as many good arrivals k later as (1 − f)^k ≥ 5 %. The remainder allows for f being estimated
 * from the same arrivals.
 */
const NOT_EXCLUDED = 4;

/**
 * The change from some share of bad arrivals to the baseline's, between the slices `first` and `last`
 * (inclusive). Null when nothing was due there.
 */
export function edgeOf(
  slices: readonly LevelSlice[],
  first: number,
  last: number,
  baselineRatio: number,
): Edge | null {
  const part = slices.slice(Math.max(0, first), last + 1);
  const begin = part[0]?.at;
  const total = part.reduce((sum, one) => ({ due: sum.due + one.due, bad: sum.bad + one.bad }), {
    due: 0,
    bad: 0,
  });
  if (begin === undefined || total.due === 0) return null;
  const before = { due: 0, bad: 0 };
  const base = baselineShare(baselineRatio);
  const likelihoods = [likelihoodOf(before, total, base)];
  for (const slice of part) {
    before.due += slice.due;
    before.bad += slice.bad;
    likelihoods.push(likelihoodOf(before, total, base));
  }
  const best = Math.max(...likelihoods);
  const kept = likelihoods.flatMap((value, cut) => (value >= best - NOT_EXCLUDED ? [cut] : []));
  const [earliest, latest] = [kept[0] ?? 0, kept.at(-1) ?? part.length];
  // A slice may hold both kinds, and the best cut is then on either side of it: one slice more on both sides.
  const [from, to] = [begin + (earliest - 1) * SLICE_MS, begin + (latest + 1) * SLICE_MS];
  return { from, to: Math.min(to, begin + part.length * SLICE_MS) };
}

interface Tally {
  readonly due: number;
  readonly bad: number;
}

function likelihoodOf(before: Tally, total: Tally, base: number): number {
  const after = { due: total.due - before.due, bad: total.bad - before.bad };
  const share = before.due === 0 ? 0.5 : Math.max(base, before.bad / before.due);
  return logLikelihood(before, share) + logLikelihood(after, base);
}

const logLikelihood = ({ due, bad }: Tally, share: number): number =>
  timesLog(bad, share) + timesLog(due - bad, 1 - share);

const timesLog = (count: number, value: number): number => (count === 0 ? 0 : count * Math.log(value));
