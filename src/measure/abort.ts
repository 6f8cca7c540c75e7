/** Whether an abort limit currently holds over its window. */
import type { AbortCondition, Comparison, Indicator } from '../core/objective.ts';
import type { Windowed } from './live-window.ts';

/** Fewer arrivals than this prove nothing: one failure of two would be 50 %. */
const LEAST_DUE = 5;

export function conditionHolds(condition: AbortCondition, window: Windowed): boolean {
  if (window.due < LEAST_DUE) return false;
  const value = seenIn(window, condition.indicator);
  return value !== null && compare(value, condition.comparison, condition.limit);
}

/**
 * The indicator over a live window, in its unit; null without data, and for an indicator that a live window
 * does not hold.
 */
export function seenIn(window: Windowed, indicator: Indicator): number | null {
  if (window.due === 0) return null;
  if (indicator.kind === 'failed') return window.bad / window.due;
  if (indicator.kind !== 'quantile' || indicator.clock !== 'response') return null;
  const value = window.quantileUs(indicator.quantile);
  return value === null ? null : value / 1000;
}

/**
 * As {@link seenIn}, but a failed answer counts as slower than any limit: Infinity where the percentile is a
 * failed answer.
 */
export function judgedIn(window: Windowed, indicator: Indicator): number | null {
  if (indicator.kind !== 'quantile' || indicator.clock !== 'response') return seenIn(window, indicator);
  const value = window.judgedQuantileUs(indicator.quantile);
  return value === null ? null : value / 1000;
}

export function compare(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}
