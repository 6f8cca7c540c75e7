/**
 * Recovery after one fault, candidate against baseline: log ratios of the times over pairs, Hodges–Lehmann
 * and the exact signed-rank interval as for latencies (signed-rank.ts). A time that was cut off by the end of
 * its watch is a bound: one side's alone leaves the ratio of its pair open to that side, so that an interval
 * may have no end; both sides' are a tie, since within their watch they did the same.
 */
import type { GateRecovery, RecoveryPair, RecoveryRule, RecoveryTime } from '../../core/gate-recovery.ts';
import { detectable, pairsNeeded, standardDeviation } from './pairs-needed.ts';
import type { RecoveryPairs } from './recovery-pairs.ts';
import { recoverySentence } from './recovery-sentence.ts';
import { hodgesLehmann, lowerBound, signedRankCdf, upperBound, walshAverages } from './signed-rank.ts';

/** Above this share of dropped pairs, or of pairs in which neither side was back, nothing is decided. */
const MOST_LOST = 0.2;
/**
 * A resolution up to this is fine enough, whatever share of the times it is: nobody waits for less, in ms.
 */
const FINE_MS = 500;

export interface RecoveryQuestion extends RecoveryRule {
  readonly fault: string;
  readonly flow: string;
  /** One-sided: the level of the gate, which every metric must pass at, and its part for a failure. */
  readonly passLevel: number;
  readonly failLevel: number;
}

/** The fewest pairs that can give a bound at this one-sided level: n of them are never surer than 2^-n. */
export const leastPairs = (level: number): number => Math.ceil(-Math.log2(level) - 1e-9);

/** Between these lies the logarithm of one pair's ratio; equal where both times are known. */
interface LogRatio {
  readonly low: number;
  readonly high: number;
}

export function judgeRecovery(found: RecoveryPairs, question: RecoveryQuestion): GateRecovery {
  const { fault, flow, pairs: planned, passLevel, failLevel } = question;
  const { kept, dropped, torn, clock } = found;
  const ratios = kept.map(logRatio);
  const [lows, highs] = [ratios.map((one) => one.low), ratios.map((one) => one.high)];
  const [walshLow, walshHigh] = [walshAverages(lows), walshAverages(highs)];
  const cdf = signedRankCdf(kept.length);
  const low = Math.exp(lowerBound(walshLow, cdf, failLevel));
  const high = Math.exp(upperBound(walshHigh, cdf, passLevel));
  const run = kept.length + dropped.length;
  const said = answer(found, question, { low, high });
  const judged = {
    ...{ fault, flow, clock, dropped, byPair: kept },
    pairs: { planned, run, kept: kept.length },
    ...estimateOf(hodgesLehmann(walshLow), hodgesLehmann(walshHigh)),
    low: low > 0 ? low : null,
    high: Number.isFinite(high) ? high : null,
    ...sizeOf(ratios, question, said.status),
    ...said,
  };
  return { ...judged, sentence: recoverySentence(judged, question, torn) };
}

type Answer = Pick<GateRecovery, 'status' | 'note'>;

function answer(
  { kept, dropped, torn }: RecoveryPairs,
  { pairs, find, allow, passLevel, failLevel }: RecoveryQuestion,
  { low, high }: { readonly low: number; readonly high: number },
): Answer {
  const run = kept.length + dropped.length;
  if (run + torn === 0) return { status: 'NO-DATA', note: null };
  if (torn > 0 || run < pairs || dropped.length > run * MOST_LOST) return { status: 'INVALID', note: null };
  if (low - 1 > allow && high - 1 >= find) return { status: 'FAIL', note: null };
  const open = (note: string | null): Answer => ({ status: 'INCONCLUSIVE', note });
  const lost = kept.filter(isNeitherBack).length;
  if (lost > kept.length * MOST_LOST)
    return open(`neither side was back in ${lost} of them: a longer recovery.timeout would show more`);
  if (high - 1 < find) {
    const coarse = resolution(kept);
    if (coarse > FINE_MS && coarse > find * middle(kept.map(({ baseline }) => baseline.ms)))
      return open(
        `differences below ${(coarse / 1000).toFixed(1)} s are not seen at this rate: a higher one would`,
      );
    return { status: 'PASS', note: kept.every(isCalm) ? 'no client noticed it, on either side' : null };
  }
  const cannotPass = kept.length < leastPairs(passLevel);
  const cannotFail = kept.length < leastPairs(failLevel);
  return open(cannotPass || cannotFail ? `too few pairs were kept to ${cannotPass ? 'pass' : 'fail'}` : null);
}

/**
 * Exported for what draws pairs: the bounds of one pair's ratio, candidate to baseline; infinite where open.
 */
export function ratioBounds(pair: RecoveryPair): readonly [number, number] {
  const { low, high } = logRatio(pair);
  return [Math.exp(low), Math.exp(high)];
}

function logRatio({ baseline, candidate }: RecoveryPair): LogRatio {
  const [from, to] = [baseline.status === 'censored', candidate.status === 'censored'];
  const ratio = Math.log(candidate.ms / baseline.ms);
  if (from && to) return { low: 0, high: 0 };
  // The side that was not back took at least as long as it was watched.
  if (to) return { low: ratio, high: Number.POSITIVE_INFINITY };
  if (from) return { low: Number.NEGATIVE_INFINITY, high: ratio };
  return mayBeEqual(baseline, candidate) ? { low: 0, high: 0 } : { low: ratio, high: ratio };
}

/** Each truth lies in (ms - boundMs, ms]: where the two overlap, no difference was seen. */
const mayBeEqual = (one: RecoveryTime, other: RecoveryTime): boolean =>
  one.ms === other.ms || (one.ms - one.boundMs < other.ms && other.ms - other.boundMs < one.ms);

const isNeitherBack = ({ baseline, candidate }: RecoveryPair): boolean =>
  baseline.status === 'censored' && candidate.status === 'censored';

const isCalm = ({ baseline, candidate }: RecoveryPair): boolean =>
  baseline.status === 'never-degraded' && candidate.status === 'never-degraded';

/** The usual one of the pairs in which something was measured; 0 where nothing degraded. */
const resolution = (kept: readonly RecoveryPair[]): number =>
  middle(
    kept.flatMap((pair) => (isCalm(pair) ? [] : [Math.max(pair.baseline.boundMs, pair.candidate.boundMs)])),
  );

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function estimateOf(low: number, high: number): Pick<GateRecovery, 'estimate' | 'estimateIs'> {
  if (low === high) return { estimate: Math.exp(low), estimateIs: 'exact' };
  if (Number.isFinite(low)) return { estimate: Math.exp(low), estimateIs: 'at least' };
  return Number.isFinite(high)
    ? { estimate: Math.exp(high), estimateIs: 'at most' }
    : { estimate: null, estimateIs: 'exact' };
}

/** Sizes need a spread, which censored pairs do not have; more pairs are asked for only by what is open. */
function sizeOf(
  ratios: readonly LogRatio[],
  { allow, find, failLevel: level }: RecoveryQuestion,
  status: GateRecovery['status'],
): Pick<GateRecovery, 'detectable' | 'pairsNeeded'> {
  const known = ratios.every((one) => one.low === one.high);
  if (!known || ratios.length < 2) return { detectable: null, pairsNeeded: null };
  const spread = standardDeviation(ratios.map((one) => one.low));
  const needed =
    status === 'INCONCLUSIVE' ? pairsNeeded(spread, { allow, find, level }) : Number.POSITIVE_INFINITY;
  return {
    detectable: detectable(ratios.length, spread, { allow, level }),
    pairsNeeded: Number.isFinite(needed) ? needed : null,
  };
}
