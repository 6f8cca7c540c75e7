/**
 * Two runs side by side, from what each of them measured. There is no verdict: what two equal runs differ by
 * is not known from one of each.
 */
import {
  COMPARED_QUANTILES,
  type ComparedQuantile,
  type ComparedRow,
  type ComparedRun,
  type ComparedSide,
  type RunComparison,
} from '../core/comparison.ts';
import { GATE_QUANTILES } from '../core/gate.ts';
import type { Plan } from '../core/plan.ts';
import type { FlowPhase, Result } from '../core/result.ts';
import { samplesForQuantile } from './statistics.ts';

export interface RunToCompare {
  readonly plan: Plan;
  readonly result: Result;
}

/** Simulated (docs/gate.md): one run of each of two equal versions, compared by their own samples. */
const NO_ERROR_BAR =
  'Two runs alone have no error bar for what differs from run to run: where runs differ by 5 to 15 %, a test on ' +
  'two of them calls 20 to 37 % of equal versions different. gauntlet gate compares with known error rates.';

/** @param run whose quantiles are divided by those of the other. */
export function compareRuns(run: RunToCompare, other: RunToCompare): RunComparison {
  return {
    schema: 'gauntlet.comparison/1',
    run: headOf(run),
    other: headOf(other),
    rows: rowsOf(run.result, other.result),
    differences: [...planDifferences(run, other), ...missing(run, other), ...missing(other, run)],
    notes: [NO_ERROR_BAR, ...[run, other].flatMap(doubts)],
  };
}

const headOf = ({ result: { run, verdict } }: RunToCompare): ComparedRun => ({
  ...{ id: run.id, campaign: run.campaign, target: run.target, startedAt: run.startedAt },
  status: verdict.status,
});

function rowsOf(run: Result, other: Result): readonly ComparedRow[] {
  return Object.entries(run.flows).flatMap(([flow, phases]) =>
    Object.entries(phases).flatMap(([phase, stats]): ComparedRow[] => {
      const there = other.flows[flow]?.[phase];
      if (there === undefined) return [];
      const [one, two] = [sideOf(stats), sideOf(there)];
      const ratio = (name: ComparedQuantile): readonly [ComparedQuantile, number | null] => {
        const [is, was] = [one.goodMs[name], two.goodMs[name]];
        return [name, is === null || was === null || was === 0 ? null : is / was];
      };
      const ratios = Object.fromEntries(COMPARED_QUANTILES.map(ratio)) as ComparedRow['ratios'];
      return [{ flow, phase, run: one, other: two, ratios }];
    }),
  );
}

function sideOf({ due, count, failed, goodMs }: FlowPhase): ComparedSide {
  const good = count - failed;
  const enough = (name: ComparedQuantile): readonly [ComparedQuantile, number | null] => [
    name,
    good < samplesForQuantile(GATE_QUANTILES[name]) ? null : goodMs[name],
  ];
  return {
    due,
    badRatio: due === 0 ? 0 : Math.max(0, due - good) / due,
    goodMs: Object.fromEntries(COMPARED_QUANTILES.map(enough)) as ComparedSide['goodMs'],
  };
}

function planDifferences(run: RunToCompare, other: RunToCompare): readonly string[] {
  const said: string[] = [];
  const say = (what: string, is: string, was: string): void => {
    if (is !== was) said.push(`${what}: ${is}, other ${was}`);
  };
  const [is, was] = [run.plan, other.plan];
  say('campaign', is.campaign, was.campaign);
  say('target', is.target, was.target);
  for (const name of new Set([...Object.keys(is.versions), ...Object.keys(was.versions)]))
    say(`version of ${name}`, is.versions[name] ?? 'not recorded', was.versions[name] ?? 'not recorded');
  const flows = new Set([is, was].flatMap(({ load }) => load.flatMap((one) => one.flows.map((f) => f.flow))));
  for (const flow of flows) {
    const [rate, before] = [loadOf(is, flow), loadOf(was, flow)];
    if (rate !== null && before !== null) say(`load of ${flow}`, rate, before);
  }
  for (const { scenario, env } of is.load) {
    const before = was.load.find((one) => one.scenario === scenario)?.env;
    if (before !== undefined) say(`addresses of ${scenario}`, addresses(env), addresses(before));
  }
  say('warm-up', seconds(is.warmupMs), seconds(was.warmupMs));
  say('baseline', seconds(is.baselineMs), seconds(was.baselineMs));
  say('faults', faults(is), faults(was));
  return said;
}

function loadOf({ load }: Plan, flow: string): string | null {
  const found = load.flatMap((one) => one.flows).find((one) => one.flow === flow);
  if (found === undefined) return null;
  const { startRate, stages } = found.schedule;
  const shape = stages.length === 0 ? '' : ` and ${stages.length} stages`;
  return `${Number(startRate.toFixed(3))}/s${shape}, gives up after ${seconds(found.worstStallMs)}`;
}

/** Of a run its own id is no address. */
const addresses = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .filter(([name]) => name !== 'GAUNTLET_RUN_ID')
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ') || 'none';

const seconds = (ms: number): string => `${ms / 1000} s`;
const faults = (plan: Plan): string =>
  plan.faults.map(({ kind, written }) => `${kind} ${written}`).join('; ') || 'none';

/** Flows and phases that only one of them has: they are in no row. */
function missing(one: RunToCompare, without: RunToCompare): readonly string[] {
  return Object.entries(one.result.flows).flatMap(([flow, phases]) => {
    const there = without.result.flows[flow];
    const { id } = one.result.run;
    if (there === undefined) return [`only ${id} has the flow ${flow}`];
    const only = Object.keys(phases).filter((phase) => there[phase] === undefined);
    return only.length === 0 ? [] : [`only ${id} has ${flow} in ${only.join(', ')}`];
  });
}

function doubts({ plan, result: { run, verdict, phases } }: RunToCompare): readonly string[] {
  const worst = verdict.reasons.find((one) => one.status === verdict.status)?.text ?? '';
  return [
    ...(['INVALID', 'NO-DATA', 'RESIDUE'].includes(verdict.status)
      ? [`${run.id} is ${verdict.status} (${worst}): its numbers may say nothing about its target.`]
      : []),
    ...(plan.gate === undefined
      ? []
      : [`${run.id} is a gate: its flows are of one side each, and its phases are pairs of blocks.`]),
    ...(phases.length === 0 ? [`${run.id} has no phase: nothing of it can be compared.`] : []),
  ];
}
