/**
 * The verdict of a gate from its blocks alone, live and from disk. PASS when every metric is surely below
 * `find` (intersection–union: no correction), else FAIL when one is surely above `allow` (Bonferroni), else
 * INCONCLUSIVE with what would decide it. Looks at a few numbers of pairs agreed before, and stops at the
 * first that decides.
 */
import type { GateBlock, GateMetricResult, GateResult, GateRule } from '../../core/gate.ts';
import type { VerdictStatus } from '../../core/verdict.ts';
import { failuresFirst } from './failures-first.ts';
import { gateChecks, isOnCliff } from './gate-checks.ts';
import { type Look, levelOfEach, looksOf, MOST_DROPPED, pairsWithSpares } from './gate-levels.ts';
import { type GatePair, type GatePairs, pairsOf, unansweredOf } from './gate-pairs.ts';
import { gateSentence } from './gate-sentence.ts';
import { judgeFailed } from './judge-failed.ts';
import { judgeTimes } from './judge-times.ts';
import { scaled } from './replicas.ts';

/** @param blocks in any order; of a gate that was ended in the middle, those that are there. */
export function judgeGate(blocks: readonly GateBlock[], rule: GateRule): GateResult {
  const pairs = pairsOf(blocks);
  const looks = looksOf(rule);
  const reached = looks.filter((one) => one.pairs <= pairs.kept.length);
  const decided = reached
    .map((look) => judgeLook(pairs.kept, look, rule))
    .find((one) => one.status !== 'INCONCLUSIVE');
  const last = decided ?? judgeLook(pairs.kept, reached.at(-1) ?? looks[0], rule);
  const status = overall(last, pairs, rule);
  const run = pairs.kept.length + pairs.dropped.length;
  const result = {
    status,
    pairs: { run, kept: pairs.kept.length, judged: last.judged.length },
    dropped: pairs.dropped,
    looks,
    metrics: last.metrics,
    checks: gateChecks(last.judged, rule),
  };
  const unequal = scaled(blocks);
  if (unequal !== null) return invalid(result, unequal);
  return withoutFailing({ ...result, sentence: gateSentence(result, pairs, rule) });
}

/** Only a gate that fails has a failing metric: what reads metrics alone (JUnit) must not say more. */
function withoutFailing(result: GateResult): GateResult {
  const { status, metrics } = result;
  if (status === 'FAIL') return result;
  const note = `not judged: the gate is ${status}`;
  return {
    ...result,
    metrics: metrics.map((one) => (one.status === 'FAIL' ? { ...one, status: 'INCONCLUSIVE', note } : one)),
  };
}

/** Of a gate that ended before it knew: what its pairs say so far is no answer. */
export const endedEarly = (result: GateResult): GateResult => invalid(result, 'ended in the middle');

function invalid(result: Omit<GateResult, 'sentence'>, why: string): GateResult {
  const { kept } = result.pairs;
  const sentence = `${why}; ${kept} ${kept === 1 ? 'pair' : 'pairs'} kept`;
  return withoutFailing({ ...result, status: 'INVALID', sentence });
}

/** Whether more pairs can change nothing: what the driver asks after each pair. */
export function isDecided(blocks: readonly GateBlock[], rule: GateRule): boolean {
  const { kept, dropped } = pairsOf(blocks);
  const last = rule.looks.at(-1) ?? 0;
  if (scaled(blocks) !== null) return true;
  // So many pairs were dropped that whatever comes is INVALID.
  if (dropped.length > pairsWithSpares(last) * MOST_DROPPED) return true;
  // An answer now would be INVALID; more pairs may still outnumber those that were dropped.
  if (dropped.length > (kept.length + dropped.length) * MOST_DROPPED) return false;
  if (kept.length >= last) return true;
  // Without dropped pairs the earlier looks were asked when they were reached.
  const isOpen = (look: Look): boolean =>
    dropped.length > 0 ? look.pairs <= kept.length : look.pairs === kept.length;
  return looksOf(rule)
    .filter(isOpen)
    .some((look) => judgeLook(kept, look, rule).status !== 'INCONCLUSIVE');
}

interface Looked {
  readonly status: VerdictStatus;
  readonly metrics: readonly GateMetricResult[];
  readonly judged: readonly GatePair[];
}

function judgeLook(kept: readonly GatePair[], look: Look | undefined, rule: GateRule): Looked {
  const judged = kept.slice(0, look?.pairs ?? 0);
  const levels = look ?? { failLevel: 0, passLevel: 0 };
  const level = levelOfEach(rule);
  const metrics = rule.metrics.map((metric): GateMetricResult => {
    const { flow, quantity } = metric;
    if (quantity === 'failed') return judgeFailed(judged, flow, rule.failed, levels);
    const question = { ...levels, flow, quantity, limits: rule.times, level };
    return judgeTimes(judged, question, quantity === 'p99' && isOnCliff(judged, flow));
  });
  const status = panel(metrics, judged, look, rule);
  return { status, metrics: status === 'PASS' ? allPassed(metrics, rule) : failuresFirst(metrics), judged };
}

function panel(
  metrics: readonly GateMetricResult[],
  judged: readonly GatePair[],
  look: Look | undefined,
  rule: GateRule,
): VerdictStatus {
  if (metrics.some((one) => one.status === 'NO-DATA' && !isMissingByFailures(one, metrics))) return 'NO-DATA';
  if (look === undefined || judged.length < look.pairs) return 'INCONCLUSIVE';
  const passes = metrics.every((one) => isBelowFind(one, rule));
  // The quantiles of a candidate that did not answer all are lower bounds: no pass can rest on them.
  if (passes && unansweredOf(judged, rule) > 0) return 'INCONCLUSIVE';
  if (passes) return isTooGood(metrics, rule) ? 'INCONCLUSIVE' : 'PASS';
  return metrics.some((one) => one.status === 'FAIL') ? 'FAIL' : 'INCONCLUSIVE';
}

/**
 * Times that are missing because answers failed are no missing data: the failures are the finding, at this
 * look or, where so few pairs cannot be sure of them, at a later one.
 */
function isMissingByFailures(
  { flow, quantity }: GateMetricResult,
  metrics: readonly GateMetricResult[],
): boolean {
  const failed = metrics.find((one) => one.flow === flow && one.quantity === 'failed');
  return quantity !== 'failed' && (failed?.status === 'FAIL' || failed?.status === 'INCONCLUSIVE');
}

/** What is between `allow` and `find` fails nothing where every metric is below `find`; it is told. */
const allPassed = (metrics: readonly GateMetricResult[], rule: GateRule): readonly GateMetricResult[] =>
  metrics.map((one) => {
    if (one.status !== 'FAIL') return one;
    const { allow, find } = one.quantity === 'failed' ? rule.failed : rule.times;
    const say = (share: number): string =>
      one.quantity === 'failed' ? `${(share * 100).toFixed(2)} points` : `${Math.round(share * 100)} %`;
    const least = allow === 0 ? 'certainly worse' : `certainly worse by more than ${say(allow)}`;
    return { ...one, status: 'PASS', note: `${least}, and certainly by less than ${say(find)}` };
  });

/** A metric on a cliff says INCONCLUSIVE whatever its bounds are. */
function isBelowFind({ quantity, status, high, note }: GateMetricResult, rule: GateRule): boolean {
  if (status === 'INCONCLUSIVE' && note !== null) return false;
  return high !== null && (quantity === 'failed' ? high < rule.failed.find : high - 1 < rule.times.find);
}

/**
 * Much faster and with more failures, though within their margin: something else than the version differs.
 */
export const isTooGood = (metrics: readonly GateMetricResult[], { times }: GateRule): boolean =>
  metrics.some((time) => {
    const failed = metrics.find((one) => one.flow === time.flow && one.quantity === 'failed');
    const faster = time.quantity !== 'failed' && time.high !== null && time.high < 1 / (1 + times.find);
    return faster && (failed?.estimate ?? 0) > 0;
  });

function overall(last: Looked, pairs: GatePairs, rule: GateRule): VerdictStatus {
  const run = pairs.kept.length + pairs.dropped.length;
  if (run === 0) return pairs.torn > 0 ? 'INVALID' : 'NO-DATA';
  if (pairs.torn > 0) return 'INVALID';
  if (pairs.dropped.length > run * MOST_DROPPED) return 'INVALID';
  const flows = [...new Set(rule.metrics.map((one) => one.flow))];
  const silent = flows.some((flow) =>
    pairs.kept.every(({ candidate, baseline }) => isSilent(candidate, flow) || isSilent(baseline, flow)),
  );
  return silent ? 'NO-DATA' : last.status;
}

const isSilent = (block: GateBlock, flow: string): boolean => (block.flows[flow]?.due ?? 0) === 0;
