/** The sections of a gate, in the order of the questions that a reader asks. */
import type { GateResult } from '../../core/gate.ts';
import type { ReportInput } from '../input.ts';
import { checksSection, looksSection, repeatSection, sidesSection } from './gate-end.ts';
import { metricsSection } from './gate-metrics.ts';
import { noiseSection } from './gate-noise.ts';
import { pairsSection } from './gate-pairs.ts';
import { recoveriesSection } from './gate-recoveries.ts';
import { timesSection } from './gate-times.ts';
import type { Markup } from './tag.ts';

const LINKS = [
  ['gate', 'Metrics'],
  ['pairs', 'Pairs'],
  ['recoveries', 'Recoveries'],
  ['times', 'Times'],
  ['checks', 'Checks'],
  ['looks', 'Looks'],
  ['sides', 'Sides'],
  ['repeat', 'Repeat it'],
  ['ledger', 'Ledger'],
  ['plan', 'Plan'],
] as const;

/** What is not on the page is not linked to. */
export const gateLinks = ({ recoveries }: GateResult): readonly (readonly [string, string])[] =>
  LINKS.filter(([id]) => id !== 'recoveries' || recoveries !== undefined);

export function gateSections(input: ReportInput): readonly Markup[] {
  const { gate } = input.result;
  const plan = input.plan.gate;
  if (gate === undefined || plan === undefined) return [];
  return [
    metricsSection(gate, plan),
    ...noiseSection(gate, plan),
    pairsSection(gate, plan),
    ...[recoveriesSection(gate, plan)].filter((one) => one !== null),
    timesSection(gate),
    checksSection(gate, plan),
    looksSection(gate, plan),
    sidesSection(input, plan),
    repeatSection(input, plan),
  ];
}
