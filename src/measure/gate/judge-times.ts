/** One quantile of one flow over pairs: the ratio of candidate to baseline with the bounds that decide. */
import type { GateLimits, GateMetricResult, GateQuantile } from '../../core/gate.ts';
import type { GatePair } from './gate-pairs.ts';
import { detectable, pairsNeeded, standardDeviation } from './pairs-needed.ts';
import { hodgesLehmann, lowerBound, signedRankCdf, upperBound, walshAverages } from './signed-rank.ts';

export interface LookLevels {
  readonly failLevel: number;
  readonly passLevel: number;
}

/**
 * Log ratios of candidate to baseline, one a pair; null when a block has too few good answers for the
 * quantile.
 */
export function logRatios(
  pairs: readonly GatePair[],
  flow: string,
  quantity: GateQuantile,
): readonly number[] | null {
  const ratios = pairs.map(({ baseline, candidate }) => {
    const [from, to] = [baseline.flows[flow]?.goodMs[quantity], candidate.flows[flow]?.goodMs[quantity]];
    return typeof from === 'number' && typeof to === 'number' ? Math.log(to / from) : null;
  });
  return ratios.every((one) => one !== null) ? ratios : null;
}

export interface TimesQuestion extends LookLevels {
  readonly flow: string;
  readonly quantity: GateQuantile;
  readonly limits: GateLimits;
  /** Of this metric alone, for the size of a gate. */
  readonly level: number;
}

/**
 * @param onCliff whether the quantile lies between two modes of the distribution: then nothing is decided by
 * it.
 */
export function judgeTimes(
  pairs: readonly GatePair[],
  question: TimesQuestion,
  onCliff: boolean,
): GateMetricResult {
  const { flow, quantity, limits, level, failLevel, passLevel } = question;
  const ratios = logRatios(pairs, flow, quantity);
  const nothing = {
    estimate: null,
    low: null,
    high: null,
    byPair: [],
    sdPair: null,
    detectable: null,
    pairsNeeded: null,
  };
  if (ratios === null || ratios.length === 0) {
    const note = `too few good answers in a block for ${quantity.toUpperCase()}`;
    return { flow, quantity, ...nothing, status: 'NO-DATA', note };
  }
  const walsh = walshAverages(ratios);
  const cdf = signedRankCdf(ratios.length);
  const low = Math.exp(lowerBound(walsh, cdf, failLevel));
  const high = Math.exp(upperBound(walsh, cdf, passLevel));
  const sdPair = standardDeviation(ratios);
  const size = { ...limits, level };
  const needed = pairsNeeded(sdPair, size);
  const cliff = 'lies on a cliff: few answers decide which of two modes it is, so that it says nothing here';
  return {
    ...{ flow, quantity },
    estimate: Math.exp(hodgesLehmann(walsh)),
    byPair: ratios.map((one) => Math.exp(one)),
    low: low > 0 ? low : null,
    high: Number.isFinite(high) ? high : null,
    sdPair,
    detectable: ratios.length < 2 ? null : detectable(ratios.length, sdPair, size),
    pairsNeeded: Number.isFinite(needed) ? needed : null,
    status: onCliff ? 'INCONCLUSIVE' : decide(low - 1, high - 1, limits),
    note: onCliff ? cliff : null,
  };
}

/**
 * FAIL before PASS here: a difference between `allow` and `find` fits both, and what it makes of the gate is
 * decided over all metrics (judge-gate.ts): PASS when every one of them is below `find`.
 */
export const decide = (
  low: number,
  high: number,
  { allow, find }: GateLimits,
): 'PASS' | 'FAIL' | 'INCONCLUSIVE' => (low > allow ? 'FAIL' : high < find ? 'PASS' : 'INCONCLUSIVE');
