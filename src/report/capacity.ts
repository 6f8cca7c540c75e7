/** The results of a capacity search and of repeated rounds as text, the same for every report. */
import type { Capacity, CapacityStep, ObjectiveResult, RepeatedRecovery } from '../core/result.ts';
import { formatInterval, formatRate, formatSpan, formatValue, NONE } from './format.ts';
import type { Tone } from './tone.ts';

const CONDITION_TONES: Readonly<Record<CapacityStep['status'], Tone>> = {
  held: 'good',
  missed: 'bad',
  unclear: 'warn',
  'generator-limited': 'warn',
};

export const toneOfStep = (step: CapacityStep): Tone => CONDITION_TONES[step.status];

/** One sentence: the range of rates that contains the capacity. */
export function capacityText(found: Capacity): string {
  const { flow, highest, ceiling, conditions, steps } = found;
  const what = conditions.join(' and ');
  if (steps.length === 0) return `${flow}: the search was never reached`;
  const limited = steps.some((step) => step.status === 'generator-limited');
  const above = limited ? '; above that the generator was the limit' : '';
  if (highest === null && ceiling === null)
    return `${flow}: no step shows with certainty whether ${what}${above}`;
  if (highest === null) return `${flow}: below ${formatRate(ceiling)}, where ${what} was missed`;
  if (ceiling === null) return `${flow}: at least ${formatRate(highest)} with ${what}${above}`;
  return `${flow}: from ${formatRate(highest)} up to below ${formatRate(ceiling)} with ${what}`;
}

/** The value of each condition in a step, with its interval. */
export function stepText(step: CapacityStep): string {
  return step.conditions
    .map((one: ObjectiveResult) => {
      const seen = `${indicatorOf(one.name, one.flow)} ${formatValue(one.observed, one.unit)}`;
      return one.interval === null ? seen : `${seen} (${formatInterval(one.interval, one.unit)})`;
    })
    .join(', ');
}

/** `web.orders p99 < 500ms` → `p99` */
const indicatorOf = (name: string, flow: string): string =>
  name.replace(flow, '').trim().split(' ')[0] ?? name;

export interface RepeatText {
  readonly fault: string;
  readonly sli: string;
  readonly rounds: string;
  readonly median: string;
  readonly tail: string;
  readonly worst: string;
}

export function repeatText(one: RepeatedRecovery): RepeatText {
  const interval = one.medianIntervalMs;
  const open = one.censored === 0 ? '' : ` (${one.censored} not back)`;
  return {
    fault: one.fault,
    sli: one.sli,
    rounds: `${one.rounds}${open}`,
    median:
      one.medianMs === null || interval === null
        ? `not estimable, needs ${one.roundsForMedian} rounds`
        : `${formatSpan(one.medianMs)} (${formatSpan(interval[0])} – ${formatSpan(interval[1])})`,
    tail:
      one.p95UpperMs === null
        ? `not estimable, needs ${one.roundsForP95} rounds`
        : `≤ ${formatSpan(one.p95UpperMs)}`,
    worst: one.rounds === 0 ? NONE : `${one.censored > 0 ? '≥ ' : ''}${formatSpan(one.worstMs)}`,
  };
}
