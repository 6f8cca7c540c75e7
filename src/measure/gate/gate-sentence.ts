/** The answer of a gate in one sentence: what was found after how many pairs, and what would decide it. */
import type { GateMetricResult, GateResult, GateRule } from '../../core/gate.ts';
import { type GatePairs, unansweredOf } from './gate-pairs.ts';

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
  if (status === 'FAIL') return `${failing.map((one) => words(one, rule)).join('; ')} ${after}`;
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
  const found = `${words(first, rule)} ${after}`;
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
function outlook(metric: GateMetricResult, judged: number, { times, blockMs, settleMs }: GateRule): string {
  const { pairsNeeded, detectable } = metric;
  if (pairsNeeded === null || detectable === null) return 'more arrivals would decide it';
  const more = Math.max(1, pairsNeeded - judged);
  const minutes = Math.ceil((more * 2 * (blockMs + settleMs)) / 60_000);
  return `${more} more, ${minutes} min, for +${percent(times.find)}; this one could have found +${percent(detectable)}`;
}

const hardest = (metrics: readonly GateMetricResult[]): GateMetricResult | undefined =>
  metrics.toSorted(
    (a, b) => (b.pairsNeeded ?? Number.POSITIVE_INFINITY) - (a.pairsNeeded ?? Number.POSITIVE_INFINITY),
  )[0];

const worst = (metrics: readonly GateMetricResult[], rule: GateRule): string => {
  const time = metrics
    .filter((one) => one.quantity !== 'failed')
    .toSorted((a, b) => (b.high ?? 0) - (a.high ?? 0))[0];
  return time === undefined ? 'failed only' : words(time, rule);
};

/** "P99 ratio 1.04 (0.97–1.12)". The flow is named where there are several. */
function words(metric: GateMetricResult, rule: GateRule): string {
  const { quantity, estimate, low, high } = metric;
  if (quantity === 'failed') {
    const points = (value: number | null): string => (value === null ? '?' : `${(value * 100).toFixed(2)}`);
    return `${nameOf(metric, rule)} ${(estimate ?? 0) >= 0 ? '+' : ''}${points(estimate)} points (${points(low)} to ${points(high)})`;
  }
  const ratio = (value: number | null, none: string): string => (value === null ? none : value.toFixed(2));
  return `${nameOf(metric, rule)} ratio ${ratio(estimate, '?')} (${ratio(low, '0')}–${ratio(high, '∞')})`;
}

function nameOf({ flow, quantity }: GateMetricResult, { metrics }: GateRule): string {
  const name = quantity === 'failed' ? 'failed' : quantity.toUpperCase();
  return metrics.some((one) => one.flow !== flow) ? `${flow} ${name}` : name;
}

const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
const percent = (value: number): string => `${Math.round(value * 100)} %`;
