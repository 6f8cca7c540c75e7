/** The sections of a gate, in the order of the questions that a reader asks. */
import type { ReportInput } from '../input.ts';
import { checksSection, looksSection, repeatSection, sidesSection } from './gate-end.ts';
import { metricsSection } from './gate-metrics.ts';
import { noiseSection } from './gate-noise.ts';
import { pairsSection } from './gate-pairs.ts';
import { timesSection } from './gate-times.ts';
import type { Markup } from './tag.ts';

export const GATE_LINKS = [
  ['gate', 'Metrics'],
  ['pairs', 'Pairs'],
  ['times', 'Times'],
  ['checks', 'Checks'],
  ['looks', 'Looks'],
  ['sides', 'Sides'],
  ['repeat', 'Repeat it'],
  ['ledger', 'Ledger'],
  ['plan', 'Plan'],
] as const;

export function gateSections(input: ReportInput): readonly Markup[] {
  const { gate } = input.result;
  const plan = input.plan.gate;
  if (gate === undefined || plan === undefined) return [];
  return [
    metricsSection(gate, plan),
    ...noiseSection(gate, plan),
    pairsSection(gate, plan),
    timesSection(gate),
    checksSection(gate, plan),
    looksSection(gate, plan),
    sidesSection(input, plan),
    repeatSection(input, plan),
  ];
}
