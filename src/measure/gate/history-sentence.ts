/** The answer of a gate against earlier runs in one sentence, which says first that it is the weaker one. */
import {
  type HistoryMetricResult,
  type HistoryPlan,
  type HistoryResult,
  LEAST_RUNS,
} from '../../core/gate-history.ts';
import { metricWords, nameOf, percent } from './metric-words.ts';

export function historySentence(result: Omit<HistoryResult, 'sentence'>, plan: HistoryPlan): string {
  const { status, metrics, runs } = result;
  const weaker = `against ${runs} earlier ${runs === 1 ? 'run' : 'runs'}, weaker than side by side`;
  if (runs < LEAST_RUNS)
    return `${weaker}: a comparison without a verdict, which needs ${LEAST_RUNS} comparable runs (${shown(metrics, plan)})`;
  if (status === 'NO-DATA') {
    const missing = metrics.find((one) => one.status === 'NO-DATA');
    return `${weaker}: ${missing === undefined ? 'nothing was judged' : `${nameOf(missing, plan)}: ${missing.note}`}`;
  }
  if (status === 'PASS')
    return `${weaker}: no metric is worse by ${percent(plan.times.find)} or more (${shown(metrics, plan)})`;
  const failing = metrics.filter((one) => one.status === 'FAIL');
  if (status === 'FAIL') return `${weaker}: ${failing.map((one) => metricWords(one, plan)).join('; ')}`;
  const open = metrics.filter((one) => one.status === 'INCONCLUSIVE');
  const hardest = open.toSorted((a, b) => (b.detectable ?? 0) - (a.detectable ?? 0))[0];
  if (hardest === undefined) return `${weaker}: undecided`;
  const { sdRun, detectable } = hardest;
  const outlook =
    sdRun === null || detectable === null
      ? 'more arrivals would decide it'
      : `runs differ by ${percent(Math.exp(sdRun) - 1)}, so that one run can find +${percent(detectable)}; ` +
        'gauntlet gate --baseline finds less where both can be up';
  return `${weaker}: ${metricWords(hardest, plan)}; ${outlook}`;
}

const shown = (metrics: readonly HistoryMetricResult[], plan: HistoryPlan): string => {
  const told = metrics.filter((one) => one.estimate !== null);
  return told.length === 0 ? 'nothing to show' : told.map((one) => metricWords(one, plan)).join(', ');
};
