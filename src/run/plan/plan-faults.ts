/**
 * The faults of a campaign as a gate plays them, after the last pair of blocks that counts: each fault on
 * both sides, one after the other, in the order of a coin, several times.
 */
import type { Problem } from '../../core/errors.ts';
import { nameInRound, stepsOf } from '../../core/fault-steps.ts';
import { flowOn, type GateRule, type GateSide } from '../../core/gate.ts';
import { faultOn, type GateFault, type RecoveryPlan, type RecoveryRule } from '../../core/gate-recovery.ts';
import type { ScenarioLoad } from '../../core/load-plan.ts';
import type { FaultInRound, Plan } from '../../core/plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { comparisons, levelOfEach } from '../../measure/gate/gate-levels.ts';
import { leastPairs } from '../../measure/gate/judge-recovery.ts';
import { drawOrder } from '../../measure/gate/pair-order.ts';
import { roundLength, settleTimeout } from './plan-length.ts';

/** Coins of their own: those of the blocks must not say which side is hurt first. */
const OTHER_COINS = 1_000_003;

/** @returns undefined for a campaign without faults. */
export function recoveryPlanOf(
  { faults, seed }: Plan,
  rule: RecoveryRule,
  { metrics }: Pick<GateRule, 'metrics'>,
): RecoveryPlan | undefined {
  const steps = stepsOf(faults.filter((one) => one.round === 1));
  if (steps.length === 0) return undefined;
  return {
    ...rule,
    faults: steps.map(
      ({ group, members }): GateFault => ({
        name: group?.name ?? members[0]?.name ?? '',
        members: members.map((one) => one.name),
        isHeld: members.every((one) => one.holdMs !== null),
      }),
    ),
    flows: [...new Set(metrics.map((one) => one.flow))],
    order: drawOrder(rule.pairs, (seed + OTHER_COINS) % 2 ** 31),
  };
}

/**
 * In the order in which they are played. Both sides of a pair make the same draw, so that they lose the same
 * victim where both have it.
 */
export function gateFaults({ faults, seed }: Plan, { order }: RecoveryPlan): readonly FaultInRound[] {
  const steps = stepsOf(faults.filter((one) => one.round === 1));
  return order.flatMap((first, index) =>
    steps.flatMap(({ members }) =>
      [...first].flatMap((letter) =>
        members.map((one) =>
          onSide(one, letter === 'A' ? 'baseline' : 'candidate', index + 1, (seed + index) % 2 ** 31),
        ),
      ),
    ),
  );
}

function onSide(fault: FaultInRound, side: GateSide, pair: number, seed: number): FaultInRound {
  const nameOf = (name: string): string => nameInRound(faultOn(name, side), pair);
  const { group } = fault;
  return {
    ...fault,
    ...{ name: nameOf(fault.name), round: pair, seed, side },
    ...(group && { group: { ...group, name: nameOf(group.name) } }),
  };
}

/**
 * Both sides have their whole rate all the time: how long a side takes to be back is not known before, so
 * that no schedule could give the load to one side at a time. New ids: the blocks have used those of the
 * first.
 */
export const steadyLoad = ({ load }: Plan, side: GateSide): readonly ScenarioLoad[] =>
  load.map((one) => ({
    ...one,
    scenario: `${one.scenario}@${side}.faults`,
    flows: one.flows.map((flow) => ({ ...flow, flow: flowOn(flow.flow, side) })),
    env: { ...one.env, GAUNTLET_RUN_ID: `${one.env['GAUNTLET_RUN_ID']}-${side}-faults` },
  }));

/** Starting the load anew, and the first answers of it. */
const START_MS = 10_000;

export interface FaultsLength {
  readonly usualMs: Ms;
  readonly mostMs: Ms;
}

/** @param removalMs what the platform may take above the usual time to be rid of a fault. */
export function faultsLength(
  plan: Plan,
  { pairs }: Pick<RecoveryRule, 'pairs'>,
  removalMs: Ms,
): FaultsLength {
  const faults = plan.faults.filter((one) => one.round === 1);
  if (faults.length === 0) return { usualMs: ms(0), mostMs: ms(0) };
  const round = roundLength({ faults, recovery: plan.recovery }, removalMs);
  const before = START_MS + plan.baselineMs;
  const settle = settleTimeout(plan.load.flatMap((one) => one.flows));
  return {
    usualMs: ms(before + 2 * pairs * round.usualMs),
    mostMs: ms(before + 2 * pairs * round.mostMs + settle),
  };
}

/** So few pairs that no outcome of them could fail the gate. */
export function recoveryProblems(rule: GateRule, campaign: string): readonly Problem[] {
  if (rule.recovery === undefined) return [];
  const parts = comparisons(rule);
  const least = leastPairs(levelOfEach(rule));
  if (rule.recovery.pairs >= least) return [];
  const level = `${Number((rule.alpha * 100).toPrecision(3))} %`;
  const problem: Problem = {
    subject: `campaign ${campaign}: gate.recovery.pairs`,
    expected: `at least ${least} pairs, below which ${parts} metrics and recoveries at a level of ${level} can never fail`,
    got: `${rule.recovery.pairs}`,
  };
  return [problem];
}
