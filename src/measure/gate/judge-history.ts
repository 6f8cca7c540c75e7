/**
 * One run of a candidate against earlier runs of the baseline. The error is what differs from run to run,
 * never what differs within one: for times the prediction interval of one more value, by Student's t on the
 * logarithms of the runs' quantiles (Hahn and Meeker, Statistical Intervals, §4.8). Ranks would need no shape
 * of a distribution, but 59 runs for three metrics at 5 %; what t costs where runs have heavy tails is
 * simulated in a test.
 */
import type { GateLimits, GateMetric, GateQuantile } from '../../core/gate.ts';
import {
  type HistoryFlow,
  type HistoryMetricResult,
  type HistoryPlan,
  type HistoryResult,
  LEAST_RUNS,
} from '../../core/gate-history.ts';
import type { VerdictStatus } from '../../core/verdict.ts';
import { failuresFirst } from './failures-first.ts';
import { historySentence } from './history-sentence.ts';
import { differenceOfShares } from './judge-failed.ts';
import { decide } from './judge-times.ts';
import { studentQuantile } from './normal.ts';
import { standardDeviation } from './pairs-needed.ts';
import { logsOf, spreadOfRuns } from './spread-of-runs.ts';

/** @param candidate by flow, from the baseline phase of its run. */
export function judgeHistory(
  candidate: Readonly<Record<string, HistoryFlow>>,
  plan: HistoryPlan,
): HistoryResult {
  const metrics = failuresFirst(plan.metrics.map((metric) => judgeMetric(metric, candidate, plan)));
  const judged = {
    status: overall(metrics, plan),
    runs: plan.runs.length,
    leftOut: plan.leftOut,
    metrics,
  };
  return { ...judged, sentence: historySentence(judged, plan) };
}

function judgeMetric(
  metric: GateMetric,
  candidate: Readonly<Record<string, HistoryFlow>>,
  plan: HistoryPlan,
): HistoryMetricResult {
  const { flow, quantity } = metric;
  const is = candidate[flow];
  const were = plan.runs.flatMap((one) => one.flows[flow] ?? []);
  const level = plan.alpha / plan.metrics.length;
  const levels = { failLevel: level, passLevel: plan.alpha };
  if (is === undefined || is.due === 0) return noData(metric, 'nothing was due on the candidate');
  return quantity === 'failed'
    ? judgeShare(metric, is, were, plan.failed, levels)
    : judgeTime({ flow, quantity }, is, plan, levels);
}

interface Levels {
  readonly failLevel: number;
  readonly passLevel: number;
}

const noData = (metric: GateMetric, note: string): HistoryMetricResult => ({
  ...{ flow: metric.flow, quantity: metric.quantity, candidate: null, baseline: null, estimate: null },
  ...{ low: null, high: null, sdRun: null, detectable: null, status: 'NO-DATA', note },
});

function judgeTime(
  metric: { readonly flow: string; readonly quantity: GateQuantile },
  is: HistoryFlow,
  plan: HistoryPlan,
  { failLevel, passLevel }: Levels,
): HistoryMetricResult {
  const own = is.goodMs[metric.quantity] ?? null;
  const name = metric.quantity.toUpperCase();
  if (own === null) return noData(metric, `too few good answers of the candidate for ${name}`);
  const logs = logsOf(metric, plan.runs);
  if (logs.length === 0) return noData(metric, `too few good answers in the earlier runs for ${name}`);
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const shift = Math.log(own) - mean;
  const known = { ...metric, candidate: own, baseline: Math.exp(mean), estimate: Math.exp(shift) };
  const spread = spreadOfRuns(metric, plan);
  if (spread === null)
    return { ...known, low: null, high: null, sdRun: null, detectable: null, ...undecided(logs.length) };
  const { error, freedom, sdRun, detectable } = spread;
  const low = Math.exp(shift - studentQuantile(1 - failLevel, freedom) * error);
  const high = Math.exp(shift + studentQuantile(1 - passLevel, freedom) * error);
  const answer =
    logs.length < LEAST_RUNS
      ? undecided(logs.length)
      : { status: decide(low - 1, high - 1, plan.times), note: null };
  return { ...known, low, high, sdRun, detectable, ...answer };
}

const undecided = (runs: number): { readonly status: 'NO-DATA'; readonly note: string } => ({
  status: 'NO-DATA',
  note: `${runs} of the ${LEAST_RUNS} runs that a verdict needs`,
});

/**
 * Counts are pooled, and a difference must also lie outside of what shares differ by from run to run: on
 * arcsine roots, whose spread does not depend on the share (Anscombe 1948). The wider of both bounds decides.
 */
function judgeShare(
  metric: GateMetric,
  is: HistoryFlow,
  were: readonly HistoryFlow[],
  limits: GateLimits,
  { failLevel, passLevel }: Levels,
): HistoryMetricResult {
  const all = were.filter((one) => one.due > 0);
  if (all.length === 0) return noData(metric, 'nothing was due in the earlier runs');
  const pooled = {
    hits: all.reduce((sum, one) => sum + one.bad, 0),
    of: all.reduce((sum, one) => sum + one.due, 0),
  };
  const own = { hits: is.bad, of: is.due };
  const [share, before] = [own.hits / own.of, pooled.hits / pooled.of];
  const [pooledLow] = differenceOfShares(own, pooled, failLevel);
  const [, pooledHigh] = differenceOfShares(own, pooled, passLevel);
  const known = { ...metric, candidate: share, baseline: before, estimate: share - before };
  const none = { sdRun: null, detectable: null };
  if (all.length < LEAST_RUNS)
    return { ...known, ...none, low: pooledLow, high: pooledHigh, ...undecided(all.length) };
  const roots = all.map((one) => root(one.bad / one.due));
  const mean = roots.reduce((sum, one) => sum + one, 0) / roots.length;
  const error = standardDeviation(roots) * Math.sqrt(1 + 1 / roots.length);
  const most = (level: number): number =>
    shareOf(mean + studentQuantile(1 - level, roots.length - 1) * error);
  // The candidate less the highest share that one more run of the baseline would have had.
  const low = Math.min(pooledLow, share - most(failLevel));
  const high = Math.max(pooledHigh, share - before + most(passLevel) - shareOf(mean));
  return { ...known, ...none, low, high, status: decide(low, high, limits), note: null };
}

const root = (share: number): number => Math.asin(Math.sqrt(Math.min(1, share)));
const shareOf = (value: number): number => Math.sin(Math.min(Math.PI / 2, Math.max(0, value))) ** 2;

function overall(metrics: readonly HistoryMetricResult[], plan: HistoryPlan): VerdictStatus {
  if (plan.runs.length < LEAST_RUNS) return 'NO-DATA';
  if (metrics.some((one) => one.quantity === 'failed' && one.status === 'FAIL')) return 'FAIL';
  if (metrics.some((one) => one.status === 'NO-DATA')) return 'NO-DATA';
  if (metrics.every((one) => isBelowFind(one, plan))) return 'PASS';
  return metrics.some((one) => one.status === 'FAIL') ? 'FAIL' : 'INCONCLUSIVE';
}

const isBelowFind = (
  { quantity, high, note }: HistoryMetricResult,
  { times, failed }: HistoryPlan,
): boolean =>
  note === null && high !== null && (quantity === 'failed' ? high < failed.find : high - 1 < times.find);
