/** Whether an abort limit holds over its window now. */
import type { AbortCondition, Comparison } from '../core/objective.ts';
import type { Windowed } from './live-window.ts';

/** Fewer arrivals than this say nothing: one failure of two would be 50 %. */
const LEAST_DUE = 5;

export function conditionHolds(condition: AbortCondition, window: Windowed): boolean {
  if (window.due < LEAST_DUE) return false;
  const { indicator, comparison, limit } = condition;
  if (indicator.kind === 'failed') return compare(window.bad / window.due, comparison, limit);
  const value = window.quantileUs(indicator.quantile);
  return value !== null && compare(value / 1000, comparison, limit);
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
