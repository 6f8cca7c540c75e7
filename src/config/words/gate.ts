/** Words of a gate: `p99`, `shop.payments:p95`, a difference such as `10%`, a level such as `5%`. */

import { didYouMean } from '../../core/did-you-mean.ts';
import { GATE_QUANTILES, type GateQuantity } from '../../core/gate.ts';
import type { Parsed } from '../../core/units.ts';
import { PERCENT, percentOf, writePercent } from './percent.ts';
import { word } from './word.ts';

const QUANTITIES = ['failed', ...Object.keys(GATE_QUANTILES)];

/** A metric as it is written; null: of the first flow of the campaign. */
export interface WrittenMetric {
  readonly flow: string | null;
  readonly quantity: GateQuantity;
}

const METRIC_EXPECTED = `${QUANTITIES.join(', ')}, or FLOW:p99`;

export const gateMetric = word<WrittenMetric>({
  id: 'gate-metric',
  description:
    'a quantile of the response times or the failed share; of another flow than the first behind its name',
  examples: ['p99', 'failed', 'shop.payments:p95'],
  expected: METRIC_EXPECTED,
  pattern: new RegExp(`^\\s*([a-z][a-z0-9.-]*:)?(${QUANTITIES.join('|')})\\s*$`),
  read(text): Parsed<WrittenMetric> {
    const [quantity = '', ...flow] = text.trim().split(':').reverse();
    if (flow.length <= 1 && flow[0] !== '' && QUANTITIES.includes(quantity))
      return { ok: true, value: { flow: flow[0] ?? null, quantity: quantity as GateQuantity } };
    return { ok: false, expected: METRIC_EXPECTED, ...didYouMean(quantity, QUANTITIES) };
  },
  write: ({ flow, quantity }) => (flow === null ? quantity : `${flow}:${quantity}`),
});

const DIFFERENCE_EXPECTED = 'percent from 0% to 1000%, such as 10%';

/** A ratio less 1: 0.1 is 10 % more. */
export const gateDifference = word<number>({
  id: 'gate-difference',
  description: 'by how much more: percent, from 0% to 1000%',
  examples: ['10%', '2.5%'],
  expected: DIFFERENCE_EXPECTED,
  pattern: PERCENT,
  read(text): Parsed<number> {
    const percent = percentOf(text);
    return percent <= 1000
      ? { ok: true, value: percent / 100 }
      : { ok: false, expected: DIFFERENCE_EXPECTED };
  },
  write: writePercent,
});

const ALPHA_EXPECTED = 'a level from 0.1% to 20%, such as 5%';

export const gateAlpha = word<number>({
  id: 'gate-alpha',
  description: 'a level: how often equal versions may fail, from 0.1% to 20%',
  examples: ['5%', '1%'],
  expected: ALPHA_EXPECTED,
  pattern: PERCENT,
  read(text): Parsed<number> {
    const percent = percentOf(text);
    return percent >= 0.1 && percent <= 20
      ? { ok: true, value: percent / 100 }
      : { ok: false, expected: ALPHA_EXPECTED };
  },
  write: writePercent,
});
