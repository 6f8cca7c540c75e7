/**
 * How many pairs a gate may run: as many as its last look needs, those that replace dropped ones, and no
 * longer than its budget.
 */
import type { Problem } from '../../core/errors.ts';
import type { GateRule } from '../../core/gate.ts';
import { formatMs, type Ms } from '../../core/units.ts';
import { levelOfEach, looksOf, pairsWithSpares } from '../../measure/gate/gate-levels.ts';
import { pairLength } from '../../measure/gate/gate-outlook.ts';

export interface GateTime {
  /** Of the whole load, the warm-up included; null: as long as it takes. */
  readonly budgetMs: Ms | null;
  readonly leadMs: Ms;
  /** What the faults of the campaign usually take, on both sides; 0: it has none. */
  readonly faultsMs: Ms;
}

const pairsWithin = (rule: GateRule, { budgetMs, leadMs, faultsMs }: GateTime): number =>
  budgetMs === null
    ? Number.POSITIVE_INFINITY
    : Math.floor((budgetMs - leadMs - faultsMs) / pairLength(rule));

/** Looks that do not fit are left out before anything is seen, so that the levels of the others are right. */
export const looksWithin = (rule: GateRule, time: GateTime): readonly number[] =>
  rule.looks.filter((pairs) => pairs <= pairsWithin(rule, time));

/** @param looks that fit. */
export const mostPairs = (rule: GateRule, looks: readonly number[], time: GateTime): number =>
  Math.min(pairsWithin(rule, time), pairsWithSpares(looks.at(-1) ?? 0));

/** Why a gate of this rule would say nothing. */
export function lengthProblems(rule: GateRule, time: GateTime, campaign: string): readonly Problem[] {
  const looks = looksWithin(rule, time);
  if (looks.length > 0) return powerProblems({ ...rule, looks }, campaign);
  const [first = 0] = rule.looks;
  const least = first * pairLength(rule) + time.leadMs + time.faultsMs;
  const faults = time.faultsMs > 0 ? ', and the faults' : '';
  const expected = `time for the warm-up and the ${first} pairs of the first look${faults}, ${lengthWords(least)}`;
  return [{ subject: 'budget', expected, got: formatMs(time.budgetMs) }];
}

const lengthWords = (value: number): string =>
  value < 120_000 ? `${Math.ceil(value / 1000)}s` : `${Math.ceil(value / 60_000)}m`;

/**
 * n pairs that all agree happen by chance once in 2^n: a last look whose level is below that could pass or
 * stay open, and never fail.
 */
function powerProblems(rule: GateRule, campaign: string): readonly Problem[] {
  const last = looksOf(rule).at(-1);
  if (last === undefined || 2 ** -last.pairs <= last.failLevel) return [];
  const least = Math.ceil(-Math.log2(levelOfEach(rule)));
  const metrics = `${rule.metrics.length} ${rule.metrics.length === 1 ? 'metric' : 'metrics'}`;
  const level = `${Number((rule.alpha * 100).toPrecision(3))} %`;
  const problem: Problem = {
    subject: `campaign ${campaign}: gate.pairs`,
    expected: `at least ${least} pairs at the last look, below which ${metrics} at a level of ${level} can never fail`,
    got: `${last.pairs}`,
  };
  return [problem];
}
