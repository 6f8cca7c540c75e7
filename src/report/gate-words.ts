/** The words for a gate that all reports share. */
import {
  type GateMetric,
  type GateMetricResult,
  type GatePlan,
  type GateResult,
  quantityName,
} from '../core/gate.ts';
import type { SideValues } from '../core/gate-evidence.ts';
import type { Result } from '../core/result.ts';
import { formatMs } from '../core/units.ts';
import { formatRatio, NONE } from './format.ts';

export const nameOfMetric = ({ flow, quantity }: GateMetric): string => `${flow} ${quantityName(quantity)}`;

/** Times are ratios; failures differ by points. */
export function estimateText({ quantity, estimate }: GateMetricResult): string {
  if (estimate === null) return NONE;
  return quantity === 'failed' ? points(estimate) : estimate.toFixed(3);
}

export function intervalText({ quantity, low, high }: GateMetricResult): string {
  const say = (value: number | null, none: string): string =>
    value === null ? none : quantity === 'failed' ? points(value) : value.toFixed(3);
  return `${say(low, quantity === 'failed' ? '−∞' : '0')} to ${say(high, '∞')}`;
}

/** `1.040 (0.970 to 1.120)`. */
export const ratioText = (metric: GateMetricResult): string =>
  metric.estimate === null ? NONE : `${estimateText(metric)} (${intervalText(metric)})`;

export const detectableText = ({ detectable }: GateMetricResult): string =>
  detectable === null ? NONE : `+${percent(detectable)}`;

export const neededText = ({ pairsNeeded }: GateMetricResult): string =>
  pairsNeeded === null ? NONE : String(pairsNeeded);

/** What one side was like in its typical block. */
export const sideText = (quantity: GateMetricResult['quantity'], value: number | null | undefined): string =>
  value === undefined || value === null ? NONE : quantity === 'failed' ? formatRatio(value) : formatMs(value);

/** By metric, as in the result; nothing is known of sides where there is no evidence. */
export const sidesOf = ({ evidence }: GateResult, index: number): SideValues =>
  evidence?.sides[index] ?? { baseline: null, candidate: null, pooledRatio: null };

export const percent = (share: number): string => `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))} %`;

export const points = (share: number): string =>
  `${share >= 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(2)} pt`;

/** In words for whoever decides by it. */
export function ruleText({ times }: GatePlan): string {
  const worse = times.allow === 0 ? 'worse' : `worse by more than ${percent(times.allow)}`;
  return `PASS: every metric is certainly less than ${percent(times.find)} worse. FAIL: one is certainly ${worse}.`;
}

const shellWord = (text: string): string =>
  /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The same blocks in the same order: what was asked for is written out, so that no default matters. */
export function repeatCommand({ campaign, seed }: Result['run'], plan: GatePlan): string {
  const { baseline, candidate, aa, metrics, times, budgetMs } = plan;
  const sides =
    aa === true ? ['--aa', '--target', candidate] : ['--baseline', baseline, '--candidate', candidate];
  const asked = metrics.map(({ flow, quantity }) => `${flow}:${quantity}`).join(',');
  const exact = (share: number): string => `${Number((share * 100).toFixed(6))}%`;
  const words = [
    ...['gauntlet', 'gate', campaign, ...sides],
    ...['--metrics', asked, '--find', exact(times.find), '--allow', exact(times.allow)],
    ...(budgetMs === undefined ? [] : ['--budget', `${budgetMs / 1000}s`]),
    ...['--seed', String(seed)],
  ];
  return words.map(shellWord).join(' ');
}

/** `redis`, where both sides name the same address of it. */
export function sharedOf({ addresses, aa }: GatePlan): readonly string[] {
  // Of one target on both sides everything is shared, and that is what is measured.
  if (!addresses || aa === true) return [];
  return Object.entries(addresses.baseline).flatMap(([name, address]) => {
    const other = Object.entries(addresses.candidate).find(([, one]) => one === address)?.[0];
    if (other === undefined) return [];
    return [other === name ? `${name} at ${address}` : `${name} at ${address} (there ${other})`];
  });
}

/** What a gate cannot know, said beside every answer of it. */
export function limitsOf(plan: GatePlan): readonly string[] {
  const shared = sharedOf(plan);
  const leans =
    'a slow candidate then slows the baseline as well, the ratio shrinks, and the gate leans to PASS';
  return [
    shared.length > 0
      ? `Both sides use ${shared.join(', ')}: ${leans}.`
      : `No address is known that both sides use. If they share a database, a broker or a cache behind their services, ${leans}.`,
    'The guarantee is about the typical block. A regression that shows only in the worst moments moves it by less: look at the pooled ratio too.',
    'Caches, pools and queues that one side warms may serve the other.',
    'Both versions run at the same time: what one takes from a common machine, the other lacks.',
  ];
}
