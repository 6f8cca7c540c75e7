/**
 * What `gauntlet gate --plan` prints: who is compared by which rule, how long it takes, and what is known.
 */
import { type GateMetric, quantityName } from '../../core/gate.ts';
import type { Plan } from '../../core/plan.ts';
import { formatLength } from '../../core/units.ts';

/** @param faults of the gate, in lines of their own. */
export function gatePlanText(
  { gate, history, target, longestMs, notes = [] }: Plan,
  faults: readonly string[],
): string {
  const metrics = (gate ?? history)?.metrics.map(metricText).join(', ') ?? '';
  const told = notes.map((note) => `  ${note}`);
  if (gate === undefined) {
    const rows = [`  gated   ${metrics}`, `  takes   at most ${formatLength(longestMs)}`];
    return [`Gate: one run of ${target} against earlier runs`, ...rows, ...told].join('\n');
  }
  const { times, looks, order, blockMs, settleMs } = gate;
  const most = looks.at(-1) ?? 0;
  const rows = [
    ['gated', metrics],
    ['finds', `+${percent(times.find)}, allows +${percent(times.allow)}; level ${percent(gate.alpha)}`],
    ['pairs', `looks at ${looks.join(', ')}; up to ${order.length - most} more replace dropped ones`],
    ['blocks', `${seconds(blockMs)} behind ${seconds(settleMs)} of settling`],
    ['order', order.join(' ')],
  ];
  return [
    `Gate: ${gate.candidate} against ${gate.aa === true ? 'itself (A/A)' : gate.baseline}`,
    ...rows.map(([name = '', text]) => `  ${name.padEnd(8)}${text}`),
    ...faults,
    `  takes   at most ${formatLength(longestMs)}; it stops as soon as it knows`,
    ...told,
  ].join('\n');
}

const metricText = ({ flow, quantity }: GateMetric): string => `${flow} ${quantityName(quantity)}`;
const percent = (value: number): string => `${Number((value * 100).toPrecision(3))} %`;
const seconds = (value: number): string => `${value / 1000} s`;
