/**
 * Two plans of the same campaign, one for each side, joined to the plan of a gate: alternating blocks of the
 * same arrivals.
 */
import { GauntletError, type Problem } from '../../core/errors.ts';
import {
  attemptText,
  flowOn,
  GATE_QUANTILES,
  type GateAttempt,
  type GatePlan,
  type GateRule,
  type GateSide,
} from '../../core/gate.ts';
import type { RecoveryRule } from '../../core/gate-recovery.ts';
import type { ScenarioLoad } from '../../core/load-plan.ts';
import type { Plan } from '../../core/plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { pairLength } from '../../measure/gate/gate-outlook.ts';
import { drawOrder, sideSchedule } from '../../measure/gate/pair-order.ts';
import { samplesForQuantile } from '../../measure/statistics.ts';
import { lengthProblems, looksWithin, mostPairs } from '../gate/gate-length.ts';
import { loadHashOf } from '../gate/load-hash.ts';
import { faultsLength, gateFaults, recoveryPlanOf, recoveryProblems, steadyLoad } from './plan-faults.ts';
import { withoutRecords } from './plan-records.ts';

/** Both sides get load at half the rate for at least so long: processes and caches warm up. */
const LEAST_LEAD_MS = ms(10_000);
/** For the last answers, beyond the last block. */
const MARGIN_MS = 30_000;

export interface GateInputs {
  readonly baseline: Plan;
  readonly candidate: Plan;
  readonly rule: GateRule;
  readonly warmupMs: Ms;
  /** The longest time for the load; null: that of the last look. */
  readonly budgetMs: Ms | null;
  /** Whether both platforms know instances. */
  readonly knowsReplicas: boolean;
  /** Absent: it is not counted. */
  readonly attempt?: GateAttempt;
  /** Both sides are one target. */
  readonly aa: boolean;
  /** Of both sides, once they are open. */
  readonly addresses?: NonNullable<GatePlan['addresses']>;
  /** For the faults of the campaign, where it has some. */
  readonly recovery: RecoveryRule;
  /** What the slower platform may take above the usual time to be rid of a fault. */
  readonly removalMs: Ms;
}

/** @throws usage with everything in the campaign that a gate cannot run. */
export function planGate(inputs: GateInputs): Plan {
  const [baseline, candidate] = [withoutRecords(inputs.baseline), withoutRecords(inputs.candidate)];
  const { rule: asked, warmupMs, budgetMs, attempt, addresses, aa } = inputs;
  // One target cannot be hurt on one side only: its noise is measured without the faults.
  const played = aa ? { ...candidate, faults: [] } : candidate;
  const recovery = recoveryPlanOf(played, inputs.recovery, asked);
  const rule = { ...asked, blockMs: blockLength(candidate, asked), ...(recovery && { recovery }) };
  const faults = faultsLength(played, inputs.recovery, inputs.removalMs);
  const time = { budgetMs, leadMs: ms(Math.max(LEAST_LEAD_MS, warmupMs)), faultsMs: faults.usualMs };
  const problems = [
    ...refusals(candidate),
    ...metricProblems(baseline, candidate, rule),
    ...blockProblems(candidate, rule),
    ...lengthProblems(rule, time, candidate.campaign),
    ...recoveryProblems(rule, candidate.campaign),
  ];
  if (problems.length > 0) throw new GauntletError('usage', problems);
  const looks = looksWithin(rule, time);
  const pairs = mostPairs(rule, looks, time);
  const gate: GatePlan = {
    ...rule,
    looks,
    baseline: baseline.target,
    candidate: candidate.target,
    order: drawOrder(pairs, candidate.seed),
    leadMs: time.leadMs,
    ...(addresses && { addresses }),
    ...(budgetMs !== null && { budgetMs }),
    ...(attempt && { attempt }),
    loadHash: loadHashOf(candidate),
    ...(aa && { aa }),
  };
  const blocksMs = gate.leadMs + pairs * pairLength(rule);
  const longestMs = ms(blocksMs + faults.mostMs);
  return {
    ...candidate,
    target: aa ? candidate.target : `${baseline.target} and ${candidate.target}`,
    load: [...sideLoad(baseline, 'baseline', gate), ...sideLoad(candidate, 'candidate', gate)],
    gate,
    notes: [
      ...(candidate.notes ?? []),
      ...attemptNotes(gate),
      ...faultNotes(candidate, gate),
      ...(inputs.knowsReplicas ? [] : [NO_REPLICAS]),
    ],
    warmupMs: ms(0),
    baselineMs: recovery ? candidate.baselineMs : ms(0),
    faults: recovery ? gateFaults(candidate, recovery) : [],
    ...(recovery && {
      faultLoad: [...steadyLoad(baseline, 'baseline'), ...steadyLoad(candidate, 'candidate')],
      repeat: recovery.pairs,
    }),
    objectives: [],
    abort: [],
    expectedMs: ms(blocksMs + faults.usualMs),
    longestMs,
    loadBoundMs: ms(longestMs + MARGIN_MS),
  };
}

const NO_REPLICAS =
  'How many replicas each side has is not known here: a side that is larger, or is scaled in the middle, is not seen.';

/** Said before any load, so that nobody is surprised by a level that is smaller than what was asked for. */
function attemptNotes(gate: GatePlan): readonly string[] {
  const told = attemptText(gate);
  if (told === null || gate.attempt === undefined) return [];
  const { alpha, earlier, version } = gate.attempt;
  const before = earlier.map(({ run, status }) => `${run} ${status ?? 'killed'}`).join(', ');
  const anew =
    version === null
      ? ` The version of ${gate.candidate} is not known: --candidate-version starts anew when it changes.`
      : '';
  const level = Number((alpha * 100).toPrecision(2));
  return [`${told}, ${level} % divided by ${gate.attempt.number} (before: ${before}).${anew}`];
}

/** What the campaign says of its faults and a gate does not do. */
function faultNotes({ faults, repeat }: Plan, { recovery, aa }: GatePlan): readonly string[] {
  if (faults.length === 0) return [];
  if (aa) return ['The faults of the campaign are not played: --aa measures noise.'];
  if (recovery === undefined || repeat === 1) return [];
  return [
    `repeat: ${repeat} of the campaign is not used: gate.recovery.pairs says how often, ${recovery.pairs}.`,
  ];
}

/** No block is longer: a place changes too much meanwhile. */
const MOST_BLOCK_MS = 60_000;

/** As long as the quantiles need, with a margin for whole seconds at both ends. */
function blockLength(plan: Plan, { metrics, blockMs }: GateRule): Ms {
  const lengths = metrics.map(({ flow, quantity }) => {
    const found = plan.load.flatMap((one) => one.flows).find((one) => one.flow === flow);
    if (found === undefined || quantity === 'failed') return 0;
    const seconds = (1.05 * samplesForQuantile(GATE_QUANTILES[quantity])) / found.schedule.startRate;
    return Math.ceil(seconds) * 1000 + 1000;
  });
  return ms(Math.max(blockMs, ...lengths));
}

function blockProblems({ load, campaign }: Plan, { blockMs, metrics }: GateRule): readonly Problem[] {
  if (blockMs <= MOST_BLOCK_MS) return [];
  const slowest = load
    .flatMap((one) => one.flows)
    .filter((one) => metrics.some((metric) => metric.flow === one.flow))
    .toSorted((a, b) => a.schedule.startRate - b.schedule.startRate)[0];
  const problem: Problem = {
    subject: `campaign ${campaign}`,
    expected: `arrivals for blocks of at most ${MOST_BLOCK_MS / 1000} s`,
    got: `blocks of ${blockMs / 1000} s for ${slowest?.flow} at ${slowest?.schedule.startRate}/s`,
    next: 'Raise its rate, or gate a lower quantile: --metrics failed,p50,p90.',
  };
  return [problem];
}

/**
 * Same seed, so that the n-th arrival of both sides has the same payload; ids of their own, which no target
 * sees twice.
 */
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

function refusals({ shape, load, rateSearch, campaign }: Plan): readonly Problem[] {
  const subject = `campaign ${campaign}`;
  const problems: Problem[] = [];
  const refuse = (expected: string, got: string, next: string): void =>
    void problems.push({ subject, expected, got, next });
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
