/** The answer of a gate in one sentence: what was found after how many pairs, and what would decide it. */
import type { GateMetricResult, GateResult, GateRule } from '../../core/gate.ts';
import { minutesOf } from './gate-outlook.ts';
import { type GatePairs, unansweredOf } from './gate-pairs.ts';
import { count, metricWords, nameOf, percent } from './metric-words.ts';

type Judged = Omit<GateResult, 'sentence'>;

export function gateSentence(result: Judged, pairs: GatePairs, rule: GateRule): string {
  const { status, metrics } = result;
  const run = result.pairs.run;
  if (status === 'INVALID' || (status === 'NO-DATA' && run === 0)) return invalid(result, pairs);
  if (status === 'NO-DATA') return noData(result, rule);
  const judged = result.pairs.judged;
  const first = rule.looks[0] ?? 0;
  if (judged < first) return `${count(judged, 'pair')} of the ${first} that a first look needs`;
  const after = `after ${count(judged, 'pair')}`;
  if (status === 'PASS')
    return `no metric is worse by ${percent(rule.times.find)} or more ${after} (${worst(metrics, rule)})`;
  const failing = metrics.filter((one) => one.status === 'FAIL');
  if (status === 'FAIL') return `${failing.map((one) => metricWords(one, rule)).join('; ')} ${after}`;
  return inconclusive(result, pairs, after, rule);
}

function invalid({ dropped, pairs: { run, kept } }: Judged, { torn }: GatePairs): string {
  if (torn > 0) return `ended in the middle of a pair; ${count(kept, 'pair')} kept`;
  if (run === 0) return 'no pair of blocks was run';
  const why = dropped[0]?.why ?? '';
  return `${dropped.length} of ${count(run, 'pair')} dropped, more than a fifth (first: ${why})`;
}

function noData({ metrics }: Judged, rule: GateRule): string {
  const missing = metrics.find((one) => one.status === 'NO-DATA');
  return missing === undefined ? 'a gated flow had no arrivals' : `${nameOf(missing, rule)}: ${missing.note}`;
}

function inconclusive(
  { metrics, pairs }: Judged,
  { kept }: GatePairs,
  after: string,
  rule: GateRule,
): string {
  const open = metrics.filter((one) => one.status === 'INCONCLUSIVE');
  const first = open.find((one) => one.note !== null) ?? hardest(open) ?? metrics[0];
  if (first === undefined) return after;
  const found = `${metricWords(first, rule)} ${after}`;
  if (first.note !== null) return `${found}; ${first.note}`;
  if (open.length === 0) {
    const unanswered = unansweredOf(kept.slice(0, pairs.judged), rule);
    return unanswered > 0
      ? `${found}; the candidate left ${count(unanswered, 'arrival')} unanswered: its times are lower bounds, by which nothing passes`
      : `${found}; the candidate is much faster with more failures: something else than the version differs`;
  }
  return `${found}; ${outlook(first, pairs.judged, rule)}`;
}

/** "51 more, 22 min, for +10 %", or what this run could have found. */
function outlook(metric: GateMetricResult, judged: number, rule: GateRule): string {
  const { pairsNeeded, detectable } = metric;
  if (pairsNeeded === null || detectable === null) return 'more arrivals would decide it';
  const more = Math.max(1, pairsNeeded - judged);
  return `${more} more, ${minutesOf(more, rule)} min, for +${percent(rule.times.find)}; this one could have found +${percent(detectable)}`;
}

const hardest = (metrics: readonly GateMetricResult[]): GateMetricResult | undefined =>
  metrics.toSorted(
    (a, b) => (b.pairsNeeded ?? Number.POSITIVE_INFINITY) - (a.pairsNeeded ?? Number.POSITIVE_INFINITY),
  )[0];

const worst = (metrics: readonly GateMetricResult[], rule: GateRule): string => {
  const time = metrics
    .filter((one) => one.quantity !== 'failed')
    .toSorted((a, b) => (b.high ?? 0) - (a.high ?? 0))[0];
  return time === undefined ? 'failed only' : metricWords(time, rule);
};
