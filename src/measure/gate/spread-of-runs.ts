/** How much a time differs from run to run, and what one more run can find against that. */
import type { GateMetric, GateQuantile } from '../../core/gate.ts';
import type { HistoryPlan } from '../../core/gate-history.ts';
import { studentQuantile } from './normal.ts';
import { standardDeviation } from './pairs-needed.ts';

const POWER = 0.9;

export interface Spread {
  /** Of the logarithms of the runs' values. */
  readonly mean: number;
  readonly sdRun: number;
  /** Standard error of one more run less the mean: its own deviation, and that of the mean. */
  readonly error: number;
  /** Degrees of freedom. */
  readonly freedom: number;
  /** What one more run finds nine times of ten: 0.12 is +12 %. */
  readonly detectable: number;
}

/** Of the runs that have the quantile. */
export const logsOf = (
  { flow, quantity }: { readonly flow: string; readonly quantity: GateQuantile },
  runs: HistoryPlan['runs'],
): readonly number[] =>
  runs.flatMap((one) => {
    const value = one.flows[flow]?.goodMs[quantity];
    return typeof value === 'number' && value > 0 ? [Math.log(value)] : [];
  });

/** Null for fewer than two runs with that quantile. */
export function spreadOfRuns(
  { flow, quantity }: GateMetric,
  { runs, times, alpha, metrics }: HistoryPlan,
): Spread | null {
  const logs = quantity === 'failed' ? [] : logsOf({ flow, quantity }, runs);
  if (logs.length < 2) return null;
  const sdRun = standardDeviation(logs);
  const freedom = logs.length - 1;
  const error = sdRun * Math.sqrt(1 + 1 / logs.length);
  const reach = studentQuantile(1 - alpha / metrics.length, freedom) + studentQuantile(POWER, freedom);
  return {
    mean: logs.reduce((sum, one) => sum + one, 0) / logs.length,
    ...{ sdRun, error, freedom },
    detectable: (1 + times.allow) * Math.exp(reach * error) - 1,
  };
}
