/**
 * What a series of comparable nights says: steady, a change that is suspected or confirmed, or why it cannot
 * say.
 */
import type { Rng } from '../../core/rng.ts';
import { type ChangeOptions, type ChangePoint, changePoints } from './change-points.ts';

/** Fewer nights are no history. */
export const LEAST_NIGHTS = 12;
/** From so many nights on a correlation of neighbours is told from chance. */
const LEAST_FOR_LAG = 20;
/**
 * Above it nights are not independent, and every test over them finds changes that are none (56 % of steady
 * series at 0.5).
 */
const MOST_LAG1 = 0.3;

export type TrendAnswer =
  | { readonly state: 'insufficient'; readonly nights: number }
  | { readonly state: 'not-testable'; readonly nights: number; readonly lag1: number }
  | { readonly state: 'steady'; readonly nights: number; readonly lag1: number | null }
  | {
      readonly state: 'suspected' | 'confirmed';
      readonly nights: number;
      readonly lag1: number | null;
      readonly changes: readonly ChangePoint[];
    };

/** @param values one a night that has one, oldest first; logarithms. Gaps are left out, never filled. */
export function judgeTrend(values: readonly number[], rng: Rng, options?: ChangeOptions): TrendAnswer {
  const nights = values.length;
  if (nights < LEAST_NIGHTS) return { state: 'insufficient', nights };
  const changes = changePoints(values, rng, options);
  const cuts = changes.map((one) => one.at);
  const lag1 = nights < LEAST_FOR_LAG ? null : residualLag1(values, cuts);
  if (lag1 !== null && lag1 > MOST_LAG1) return { state: 'not-testable', nights, lag1 };
  if (changes.length === 0) return { state: 'steady', nights, lag1 };
  return { state: changes.some((one) => one.confirmed) ? 'confirmed' : 'suspected', nights, lag1, changes };
}

/**
 * Correlation of each night's distance from the mean of its segment with the next one's, set right for what
 * the means of k segments of n nights take away: E(r) ≈ ρ - (1 + 3ρ)k/n (Kendall 1954).
 */
export function residualLag1(values: readonly number[], cuts: readonly number[]): number {
  const bounds = [0, ...cuts, values.length];
  const residuals = bounds.slice(1).flatMap((to, index) => {
    const segment = values.slice(bounds[index] ?? 0, to);
    const mean = segment.reduce((sum, one) => sum + one, 0) / segment.length;
    return segment.map((one) => one - mean);
  });
  const variance = residuals.reduce((sum, one) => sum + one * one, 0);
  // Equal values differ from their mean by what floating point leaves.
  if (variance < 1e-20 * values.length) return 0;
  const raw = residuals.slice(1).reduce((sum, one, at) => sum + one * (residuals[at] ?? 0), 0) / variance;
  const taken = (bounds.length - 1) / values.length;
  return (raw + taken) / (1 - 3 * taken);
}
