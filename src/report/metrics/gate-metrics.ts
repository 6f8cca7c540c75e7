/** A candidate against a baseline: of blocks side by side, or of earlier runs. */
import type { GateMetric, GateMetricResult } from '../../core/gate.ts';
import type { SideValues } from '../../core/gate-evidence.ts';
import type { Plan } from '../../core/plan.ts';
import type { Result } from '../../core/result.ts';
import { sidesOf } from '../gate-words.ts';
import { type Family, gauge, type Labels } from './family.ts';

type Compared = Pick<GateMetricResult, 'estimate' | 'low' | 'high' | 'detectable'> &
  Pick<SideValues, 'baseline' | 'candidate'>;
type Rows = readonly (readonly [Labels, number | null])[];

const BOUNDS = ['estimate', 'low', 'high'] as const;
const SIDES = ['baseline', 'candidate'] as const;

/** Empty for a run that compares nothing. */
export function gateMetrics(result: Result, plan: Plan | null): readonly Family[] {
  const { gate, history } = result;
  const rule = plan?.gate ?? plan?.history;
  const metrics = rule?.metrics ?? gate?.metrics ?? history?.metrics ?? [];
  if (metrics.length === 0) return [];
  const found = (metric: GateMetric): Compared | undefined => {
    const isIt = (one: GateMetric): boolean => one.flow === metric.flow && one.quantity === metric.quantity;
    const index = gate?.metrics.findIndex(isIt) ?? -1;
    const side = gate?.metrics[index];
    return gate && side ? { ...side, ...sidesOf(gate, index) } : history?.metrics.find(isIt);
  };
  return [...amounts(result, plan), ...comparisons(metrics, found), ...recoveries(gate, plan)];
}

function amounts({ gate, history }: Result, plan: Plan | null): readonly Family[] {
  if (gate !== undefined || plan?.gate !== undefined)
    return [gauge('gauntlet_gate_pairs', 'Pairs of blocks that were judged.', [[{}, gate?.pairs.judged]])];
  return [
    gauge('gauntlet_gate_earlier_runs', 'Earlier runs that were compared with.', [[{}, history?.runs]]),
  ];
}

function comparisons(
  metrics: readonly GateMetric[],
  found: (metric: GateMetric) => Compared | undefined,
): readonly Family[] {
  const times = metrics.filter((one) => one.quantity !== 'failed');
  const shares = metrics.filter((one) => one.quantity === 'failed');
  const labelsOf = ({ flow, quantity }: GateMetric): Labels => ({ flow, metric: quantity });
  const bounds = (some: readonly GateMetric[], of: (one: GateMetric) => Labels): Rows =>
    some.flatMap((one) =>
      BOUNDS.map((bound) => [{ ...of(one), bound }, found(one)?.[bound] ?? null] as const),
    );
  const sides = (some: readonly GateMetric[], of: (one: GateMetric) => Labels, unit: number): Rows =>
    some.flatMap((one) =>
      SIDES.map((side) => {
        const value = found(one)?.[side] ?? null;
        return [{ ...of(one), side }, value === null ? null : value / unit] as const;
      }),
    );
  const flowAlone = ({ flow }: GateMetric): Labels => ({ flow });
  return [
    gauge('gauntlet_gate_ratio', 'Candidate to baseline, with its interval.', bounds(times, labelsOf)),
    gauge(
      'gauntlet_gate_response_seconds',
      'Of the typical block of each side.',
      sides(times, labelsOf, 1000),
    ),
    gauge(
      'gauntlet_gate_failed_difference',
      'Failed share of the candidate less that of the baseline, with its interval.',
      bounds(shares, flowAlone),
    ),
    gauge('gauntlet_gate_failed_ratio', 'Failed share of each side.', sides(shares, flowAlone, 1)),
    gauge(
      'gauntlet_gate_detectable_ratio',
      'The ratio that is found nine times of ten.',
      times.map((one) => {
        const detectable = found(one)?.detectable ?? null;
        return [labelsOf(one), detectable === null ? null : 1 + detectable] as const;
      }),
    ),
  ].filter((one) => one.samples.length > 0);
}

function recoveries(gate: Result['gate'], plan: Plan | null): readonly Family[] {
  const planned = plan?.gate?.recovery;
  const places = planned
    ? planned.faults.flatMap(({ name }) => planned.flows.map((flow) => ({ fault: name, flow })))
    : (gate?.recoveries ?? []).map(({ fault, flow }) => ({ fault, flow }));
  if (places.length === 0) return [];
  const found = ({ fault, flow }: (typeof places)[number]) =>
    gate?.recoveries?.find((one) => one.fault === fault && one.flow === flow);
  return [
    gauge(
      'gauntlet_gate_recovery_pairs',
      'Fault pairs that were kept.',
      places.map((place) => [place, found(place)?.pairs.kept] as const),
    ),
    gauge(
      'gauntlet_gate_recovery_ratio',
      'Recovery time of the candidate to that of the baseline, with its interval.',
      places.flatMap((place) => BOUNDS.map((bound) => [{ ...place, bound }, found(place)?.[bound]] as const)),
    ),
  ];
}
