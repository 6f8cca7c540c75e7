/**
 * What the pictures of a gate share. Positions along a picture are percentages of its width, so that dots
 * stay round and words readable however narrow the page is.
 */
import type { GateMetricResult, GatePlan } from '../../core/gate.ts';
import { percent, points } from '../gate-words.ts';
import { html, type Markup } from './tag.ts';

/** Where a value lies on an axis: 0 to 1. */
export interface Scale {
  readonly reach: number;
  /** Outside the axis: at its end. */
  at(value: number): number;
  readonly equal: number;
  readonly allow: number;
  readonly find: number;
  text(value: number): string;
}

/**
 * Of ratios logarithmic, so that twice as fast and twice as slow are equally far from 1; of points linear.
 */
export function scaleOf(
  quantity: GateMetricResult['quantity'],
  values: readonly (number | null)[],
  { times, failed }: GatePlan,
): Scale {
  const isPoints = quantity === 'failed';
  const place = (value: number): number => (isPoints ? value : Math.log(value));
  const limits = isPoints ? failed : { allow: 1 + times.allow, find: 1 + times.find };
  const known = values.filter((one) => one !== null && (isPoints || one > 0)) as readonly number[];
  const reach = Math.max(place(limits.find) * 1.4, ...known.map((one) => Math.abs(place(one)) * 1.08));
  return {
    reach: isPoints ? reach : Math.exp(reach),
    at: (value) => Math.min(1, Math.max(0, (place(value) + reach) / (2 * reach))),
    equal: isPoints ? 0 : 1,
    ...limits,
    text: (value) => (isPoints ? points(value) : value.toFixed(2)),
  };
}

export const x = (share: number): string => `${(share * 100).toFixed(2)}%`;

const swatch = (name: string): Markup =>
  html`<svg class="swatch" width="22" height="10" aria-hidden="true"><line class="${name}" x1="3" x2="20" y1="5" y2="5"/></svg>`;

/** The lines that every picture of ratios has, once in words. */
export const limitsLegend = ({ times, failed }: GatePlan, isPoints: boolean): Markup => {
  const say = (share: number): string => (isPoints ? points(share) : `+${percent(share)}`);
  const { allow, find } = isPoints ? failed : times;
  return html`<span>${swatch('g-equal')} equal</span>
${allow > 0 && html`<span>${swatch('g-allow')} allowed: ${say(allow)}</span>`}
<span>${swatch('g-find')} must be found: ${say(find)}</span>`;
};

export const swatchOf = swatch;
