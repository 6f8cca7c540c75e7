/** What one key of a `gate:` block must be because of another, and the flows that its metrics name. */
import { didYouMean } from '../core/did-you-mean.ts';
import type { GateMetric } from '../core/gate.ts';
import type { RecoveryRule } from '../core/gate-recovery.ts';
import type { Ms } from '../core/units.ts';
import { GATE_PAIRS, type GateBlockShape, gateBlock } from './gate-block.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import { gateMetric, type WrittenMetric } from './words/gate.ts';
import { writePercent } from './words/percent.ts';

export interface CampaignGate {
  /** Ratios less 1: 0.1 is 10 % more. */
  readonly find: number;
  readonly allow: number;
  readonly metrics: readonly GateMetric[];
  readonly blockMs: Ms;
  readonly settleMs: Ms;
  /** Rising; the last is the most pairs that are judged. */
  readonly looks: readonly number[];
  readonly alpha: number;
  /** For the faults of the campaign. */
  readonly recovery: RecoveryRule;
  /** Null: as long as the last look takes. */
  readonly budgetMs: Ms | null;
}

/** @param written undefined: no block, its defaults hold. @param flows of the campaign's load. */
export function gateOf(
  written: Partly<GateBlockShape> | undefined,
  flows: readonly string[],
  problems: Problems,
): CampaignGate {
  const whole = gateBlock.parse({});
  const read = { ...whole, ...defined(written ?? {}) } as Partly<GateBlockShape> & GateBlockShape;
  const { find, allow, block, settle, alpha, budget } = read;
  if (allow >= find)
    problems.add(['gate', 'allow'], `less than find (${writePercent(find)})`, { got: writePercent(allow) });
  return {
    ...{ find, allow, alpha, blockMs: block, settleMs: settle, budgetMs: budget ?? null },
    metrics: metricsOf(read.metrics, flows, problems),
    looks: looksOf(read.pairs, problems),
    recovery: recoveryRule(read.recovery, problems),
  };
}

function recoveryRule(written: Partly<GateBlockShape['recovery']>, problems: Problems): RecoveryRule {
  const { find = 0, allow = 0, pairs = 0 } = written;
  if (allow >= find && written.find !== undefined && written.allow !== undefined)
    problems.add(['gate', 'recovery', 'allow'], `less than find (${writePercent(find)})`, {
      got: writePercent(allow),
    });
  return { find, allow, pairs };
}

const defined = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

function metricsOf(
  written: readonly (WrittenMetric | undefined)[],
  flows: readonly string[],
  problems: Problems,
): readonly GateMetric[] {
  const found: GateMetric[] = [];
  written.forEach((one, index) => {
    if (one === undefined) return;
    const metric = { flow: one.flow ?? flows[0] ?? '', quantity: one.quantity };
    const refuse = metricRefusal(metric, found, flows);
    if (refuse === null) found.push(metric);
    else problems.add(['gate', 'metrics', index], refuse.expected, refuse);
  });
  return found;
}

interface MetricRefusal {
  readonly expected: string;
  readonly got: string;
  readonly next?: string;
}

/** Why a metric cannot be gated beside those before it; null: it can. @param flows of the campaign. */
export function metricRefusal(
  metric: GateMetric,
  before: readonly GateMetric[],
  flows: readonly string[],
): MetricRefusal | null {
  const { flow, quantity } = metric;
  const got = JSON.stringify(gateMetric.encode({ flow, quantity }));
  if (flows.length > 0 && !flows.includes(flow))
    return { expected: `a flow of the campaign (${flows.join(', ')})`, got, ...didYouMean(flow, flows) };
  const isTwice = before.some((one) => one.flow === flow && one.quantity === quantity);
  return isTwice ? { expected: 'each metric once', got } : null;
}

function looksOf(pairs: Partly<GateBlockShape['pairs']>, problems: Problems): readonly number[] {
  const { max } = pairs;
  const looks = (pairs.looks ?? []).filter((one) => one !== undefined);
  const last = looks.at(-1);
  if (last === undefined) return usualLooks(max ?? 32);
  const path = ['gate', 'pairs', 'looks'];
  if (looks.some((one, index) => one <= (looks[index - 1] ?? 0)))
    problems.add(path, 'rising numbers of pairs');
  const isWritten = problems.file.valueAt(['gate', 'pairs', 'max']) !== undefined;
  if (isWritten && max !== undefined && last !== max)
    problems.add(path, `a last look at all ${max} pairs (max)`);
  return looks;
}

/** At half, three quarters and all of the pairs, as far as that many pairs can decide anything. */
export const usualLooks = (most: number): readonly number[] => [
  ...new Set([most / 2, (most * 3) / 4, most].map(Math.ceil).filter((one) => one >= GATE_PAIRS.least)),
];
