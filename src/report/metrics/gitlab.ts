/**
 * The few numbers that a GitLab merge request compares with those of its target branch
 * (`artifacts:reports:metrics`). GitLab compares them as text, so every number has three significant digits,
 * every line has a fixed place, and a number that was not measured has no line.
 */
import type { GateMetricResult, GateResult } from '../core/gate.ts';
import type { SideValues } from '../core/gate-evidence.ts';
import type { HistoryResult } from '../core/gate-history.ts';
import type { FlowPhase } from '../core/result.ts';
import { escapeLabel } from './escape.ts';
import { sidesOf } from './gate-words.ts';
import type { ReportInput } from './input.ts';
import { flowsOf, sliRows } from './rows.ts';

type Labels = Readonly<Record<string, string>>;
type Metric = readonly [name: string, labels: Labels, value: number | null | undefined];

/** `name{label="value"} number`, one a line; ends with a line break. */
export function renderGitlab(input: ReportInput): string {
  const { verdict, gate, history } = input.result;
  const all: readonly Metric[] = [
    ['gauntlet_exit_code', {}, verdict.exitCode],
    ...(gate ? gateMetrics(gate) : []),
    ...(history ? historyMetrics(history) : []),
    ...(gate || history ? [] : [...flowMetrics(input), ...recoveryMetrics(input)]),
  ];
  return all.flatMap(lineOf).join('');
}

function lineOf([name, labels, value]: Metric): readonly string[] {
  if (value === null || value === undefined || !Number.isFinite(value)) return [];
  const inside = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  const braces = inside.length === 0 ? '' : `{${inside.join(',')}}`;
  return [`${name}${braces} ${Number(value.toPrecision(3))}\n`];
}

const gateMetrics = (gate: GateResult): readonly Metric[] => [
  ['gauntlet_gate_pairs', {}, gate.pairs.judged],
  ...gate.metrics.flatMap((one, index) => comparedMetrics(one, sidesOf(gate, index))),
  ...(gate.recoveries ?? []).flatMap(({ fault, flow, pairs, estimate, low, high }): readonly Metric[] => [
    ['gauntlet_gate_recovery_pairs', { fault, flow }, pairs.kept],
    ['gauntlet_gate_recovery_ratio', { fault, flow, bound: 'estimate' }, estimate],
    ['gauntlet_gate_recovery_ratio', { fault, flow, bound: 'low' }, low],
    ['gauntlet_gate_recovery_ratio', { fault, flow, bound: 'high' }, high],
  ]),
];

const historyMetrics = (history: HistoryResult): readonly Metric[] => [
  ['gauntlet_gate_earlier_runs', {}, history.runs],
  ...history.metrics.flatMap((one) => comparedMetrics(one, one)),
];

type Compared = Pick<GateMetricResult, 'flow' | 'quantity' | 'estimate' | 'low' | 'high' | 'detectable'>;

function comparedMetrics(
  { flow, quantity, estimate, low, high, detectable }: Compared,
  sides: Pick<SideValues, 'baseline' | 'candidate'>,
): readonly Metric[] {
  const name = quantity === 'failed' ? 'gauntlet_gate_failed_difference' : 'gauntlet_gate_ratio';
  const labels = quantity === 'failed' ? { flow } : { flow, metric: quantity };
  const unit = quantity === 'failed' ? 'gauntlet_gate_failed_ratio' : 'gauntlet_gate_response_seconds';
  const inUnit = (value: number | null): number | null =>
    value === null || quantity === 'failed' ? value : value / 1000;
  return [
    [name, { ...labels, bound: 'estimate' }, estimate],
    [name, { ...labels, bound: 'low' }, low],
    [name, { ...labels, bound: 'high' }, high],
    [unit, { ...labels, side: 'baseline' }, inUnit(sides.baseline)],
    [unit, { ...labels, side: 'candidate' }, inUnit(sides.candidate)],
    ['gauntlet_gate_detectable_ratio', labels, detectable === null ? null : 1 + detectable],
  ];
}

const QUANTILES = { '0.5': 'p50', '0.95': 'p95', '0.99': 'p99' } as const;

/** Of the undisturbed baseline; for a campaign without one, of its steady phase. */
function flowMetrics(input: ReportInput): readonly Metric[] {
  return flowsOf(input).flatMap((flow): readonly Metric[] => {
    const phases = input.result.flows[flow] ?? {};
    const phase = ['baseline', 'steady'].find((one) => phases[one] !== undefined);
    const stats: FlowPhase | undefined = phase === undefined ? undefined : phases[phase];
    if (phase === undefined || stats === undefined || stats.due === 0) return [];
    const labels = { flow, phase };
    return [
      ...Object.entries(QUANTILES).map(([quantile, key]): Metric => {
        const value = stats.responseMs[key];
        return ['gauntlet_response_seconds', { ...labels, quantile }, value === null ? null : value / 1000];
      }),
      ['gauntlet_failed_ratio', labels, 1 - (stats.count - stats.failed) / stats.due],
    ];
  });
}

function recoveryMetrics({ result: { faults } }: ReportInput): readonly Metric[] {
  return faults.flatMap((fault) =>
    sliRows(fault).flatMap(({ sli, recovery }): readonly Metric[] => {
      if (recovery.status === 'never-degraded') return [];
      const labels = { fault: fault.name, sli };
      const isBack = recovery.status === 'recovered' && recovery.sinceInjectedMs !== null;
      return [
        ['gauntlet_recovery_censored', labels, isBack ? 0 : 1],
        ['gauntlet_recovery_seconds', labels, isBack ? (recovery.sinceInjectedMs ?? 0) / 1000 : null],
      ];
    }),
  );
}
