/** Two plans of the same campaign, one for each side, joined to the plan of a gate: alternating blocks of the same arrivals. */
import { GauntletError, type Problem } from '../../core/errors.ts';
import { flowOn, type GatePlan, type GateRule, type GateSide } from '../../core/gate.ts';
import type { ScenarioLoad } from '../../core/load-plan.ts';
import type { Plan } from '../../core/plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { drawOrder, sideSchedule } from '../../measure/gate/pair-order.ts';

/** Both sides get load at half the rate for at least so long: processes and caches warm up. */
const LEAST_LEAD_MS = ms(10_000);
/** For the last answers, beyond the last block. */
const MARGIN_MS = 30_000;

export interface GateInputs {
  readonly baseline: Plan;
  readonly candidate: Plan;
  readonly rule: GateRule;
  readonly warmupMs: Ms;
}

/** @throws usage with everything in the campaign that a gate cannot run. */
export function planGate({ baseline, candidate, rule, warmupMs }: GateInputs): Plan {
  const problems = [...refusals(candidate), ...metricProblems(baseline, candidate, rule)];
  if (problems.length > 0) throw new GauntletError('usage', problems);
  const pairs = rule.looks.at(-1) ?? 0;
  const gate: GatePlan = {
    ...rule,
    baseline: baseline.target,
    candidate: candidate.target,
    order: drawOrder(pairs, candidate.seed),
    leadMs: ms(Math.max(LEAST_LEAD_MS, warmupMs)),
  };
  const longestMs = ms(gate.leadMs + pairs * 2 * (rule.settleMs + rule.blockMs));
  return {
    ...candidate,
    target: `${baseline.target} and ${candidate.target}`,
    load: [...sideLoad(baseline, 'baseline', gate), ...sideLoad(candidate, 'candidate', gate)],
    gate,
    warmupMs: ms(0),
    baselineMs: ms(0),
    objectives: [],
    abort: [],
    expectedMs: longestMs,
    longestMs,
    loadBoundMs: ms(longestMs + MARGIN_MS),
  };
}

/** Same seed, so that the n-th arrival of both sides has the same payload; ids of their own, which no target sees twice. */
const sideLoad = ({ load }: Plan, side: GateSide, gate: GatePlan): readonly ScenarioLoad[] =>
  load.map((one) => ({
    ...one,
    scenario: `${one.scenario}@${side}`,
    flows: one.flows.map((flow) => ({
      ...flow,
      flow: flowOn(flow.flow, side),
      schedule: sideSchedule(flow.schedule.startRate, side, gate),
    })),
    env: { ...one.env, GAUNTLET_RUN_ID: `${one.env['GAUNTLET_RUN_ID']}-${side}` },
  }));

function refusals({ faults, shape, load, rateSearch, campaign }: Plan): readonly Problem[] {
  const subject = `campaign ${campaign}`;
  const problems: Problem[] = [];
  const refuse = (expected: string, got: string, next: string): void =>
    void problems.push({ subject, expected, got, next });
  if (faults.length > 0)
    refuse(
      'no faults in a gate',
      faults.map((one) => one.name).join(', '),
      'Gate a campaign of its load alone.',
    );
  if (shape !== null) refuse('constant rates in a gate', 'a shape', 'Write rate: instead of shape:.');
  if (rateSearch !== undefined)
    refuse(
      'a rate that both sides get',
      'rate: auto',
      'Run the campaign once, and write the rate that it found.',
    );
  for (const { flows } of load)
    for (const { flow, schedule } of flows)
      if (schedule.stages.length > 0)
        refuse('constant rates in a gate', `stages for ${flow}`, 'Write rate: instead.');
  return problems;
}

function metricProblems(baseline: Plan, candidate: Plan, { metrics }: GateRule): readonly Problem[] {
  const flowsOf = ({ load }: Plan): readonly string[] =>
    load.flatMap((one) => one.flows.map((flow) => flow.flow));
  return [...new Set(metrics.map((one) => one.flow))].flatMap((flow) =>
    [baseline, candidate]
      .filter((plan) => !flowsOf(plan).includes(flow))
      .map((plan) => ({
        subject: 'metrics',
        expected: `a flow that ${plan.target} has: ${flowsOf(plan).join(', ')}`,
        got: flow,
      })),
  );
}
