/**
 * How many pairs a difference asks for, and which difference so many pairs can find: from the standard
 * deviation of the log ratios of pairs, at a power of 90 %. The factor 1.05 is what signed ranks cost against
 * a t-test (their efficiency is 0.955 for normal noise).
 */
import { normalQuantile, studentQuantile } from './normal.ts';

const POWER = 0.9;
const COST_OF_RANKS = 1.05;
/** Fewer cannot be surer than 1 in 32. */
const FEWEST_PAIRS = 5;
/** A gate that asks for more is not planned but refused with words. */
const MOST_PAIRS = 100_000;

export interface GateSize {
  /**
   * Ratios less 1: a difference up to `allow` is no failure, one of `find` must not be missed. 0.1 is +10 %.
   */
  readonly allow: number;
  readonly find: number;
  /** One-sided level of one metric: that of the gate divided by the number of its metrics. */
  readonly level: number;
}

/** @param sdPair of the log ratios of pairs. Infinity when no number of pairs within reason will do. */
export function pairsNeeded(sdPair: number, { allow, find, level }: GateSize): number {
  const effect = Math.log(1 + find) - Math.log(1 + allow);
  const wanted = (reachOf: number): number => COST_OF_RANKS * ((reachOf * sdPair) / effect) ** 2;
  // Student's quantiles fall towards the normal ones, so that fewer pairs than those ask for never do.
  const least = wanted(normalQuantile(1 - level) + normalQuantile(POWER));
  for (let n = Math.max(FEWEST_PAIRS, Math.ceil(least)); n <= MOST_PAIRS; n += 1)
    if (wanted(reach(n, level)) <= n) return n;
  return Number.POSITIVE_INFINITY;
}

/**
 * The ratio less 1 that so many pairs find with a probability of 90 %: 0.12 is +12 %. @param pairs at least
 * 2.
 */
export const detectable = (pairs: number, sdPair: number, { allow, level }: Omit<GateSize, 'find'>): number =>
  (1 + allow) * Math.exp(reach(pairs, level) * sdPair * Math.sqrt(COST_OF_RANKS / pairs)) - 1;

/** Worked out once: a gate asks at each look and for each metric, and mostly about the same sizes. */
const reaches = new Map<string, number>();

function reach(pairs: number, level: number): number {
  const key = `${pairs} ${level}`;
  const known = reaches.get(key);
  if (known !== undefined) return known;
  const found = studentQuantile(1 - level, pairs - 1) + studentQuantile(POWER, pairs - 1);
  reaches.set(key, found);
  return found;
}

/** Of a sample, with n - 1; 0 for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
}
