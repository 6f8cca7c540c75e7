/**
 * At which level each look decides. The levels of the default gate are written down, so that a reader sees
 * what decides; a test works them out again. Others come from the same method.
 */
import type { GateRule } from '../../core/gate.ts';
import { lookLevels } from './early-looks.ts';
import type { LookLevels } from './judge-times.ts';

/** Pairs at which a gate looks when the campaign does not say. */
export const DEFAULT_LOOKS: readonly number[] = [16, 24, 32];
export const DEFAULT_ALPHA = 0.05;

/**
 * One-sided levels of {@link DEFAULT_LOOKS} for 0.05 divided by 1 to 6: the first row passes, the row of the
 * number of metrics fails.
 */
export const DEFAULT_LEVELS: readonly (readonly number[])[] = [
  [0.0055746, 0.021904, 0.0427042],
  [0.00152532, 0.00916169, 0.0220004],
  [0.000710232, 0.00547277, 0.0148839],
  [0.000411979, 0.00378958, 0.0112678],
  [0.000269717, 0.00284681, 0.0090749],
  [0.000190676, 0.0022522, 0.00760144],
];

export interface Look extends LookLevels {
  readonly pairs: number;
}

export function looksOf({
  alpha,
  looks,
  ...rule
}: Pick<GateRule, 'alpha' | 'looks' | 'metrics' | 'recovery'>): readonly Look[] {
  const pass = levelsFor(alpha, looks, 1);
  const fail = levelsFor(alpha, looks, comparisons(rule));
  return looks.map((pairs, at) => ({ pairs, failLevel: fail[at] ?? 0, passLevel: pass[at] ?? 0 }));
}

/** Among how many the level for a failure is divided: metrics, and each flow's recovery after each fault. */
export const comparisons = ({ metrics, recovery }: Pick<GateRule, 'metrics' | 'recovery'>): number =>
  metrics.length + (recovery === undefined ? 0 : recovery.faults.length * recovery.flows.length);

/** One-sided, of each of the {@link comparisons}: what sizes a gate. */
export const levelOfEach = (rule: Pick<GateRule, 'alpha' | 'metrics' | 'recovery'>): number =>
  rule.alpha / comparisons(rule);

/** @param parts by how many the level is divided (Bonferroni). */
function levelsFor(alpha: number, looks: readonly number[], parts: number): readonly number[] {
  const isDefault = alpha === DEFAULT_ALPHA && looks.join() === DEFAULT_LOOKS.join();
  return (isDefault ? DEFAULT_LEVELS[parts - 1] : undefined) ?? worked(alpha / parts, looks);
}

/** Kept: the levels of other looks cost tens of milliseconds, and a gate asks after each pair. */
const known = new Map<string, readonly number[]>();

function worked(level: number, looks: readonly number[]): readonly number[] {
  const key = `${level} ${looks.join()}`;
  const levels = known.get(key) ?? lookLevels(level, looks);
  known.set(key, levels);
  return levels;
}

/** Above this share of dropped pairs it is the generator that was measured. */
export const MOST_DROPPED = 0.2;

/** As many as a look needs, and those that may replace dropped ones. */
export const pairsWithSpares = (look: number): number => Math.ceil(look / (1 - MOST_DROPPED));
