/** Campaign + topology → plan: pure data, seeded, printable, written before anything is touched. */
import type { Problem } from '../core/errors.ts';
import { GauntletError } from '../core/errors.ts';
import type { FlowLoad, ScenarioLoad } from '../core/load-plan.ts';
import type { Plan } from '../core/plan.ts';
import type { Topology } from '../core/topology.ts';
import { type Ms, ms } from '../core/units.ts';
import { vusForSegments } from '../measure/segments.ts';
import type { Campaign } from './campaign-file.ts';
import type { CampaignLoad } from './campaign-load.ts';
import { vusNeeded } from './capacity.ts';

export interface PlanInputs {
  readonly campaign: Campaign;
  /** Null for a dry run on a sandbox that is not running: addresses are then left open. */
  readonly topology: Topology | null;
  readonly target: string;
  readonly id: string;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Absolute path of a scenario's script. */
  scriptOf(scenario: string): string;
}

/** Time for planning, proof and settling around one fault, above its hold and its recovery watch. */
const FAULT_MARGIN = 20_000;
/** The stretch at the end in which nothing is disturbed any more. */
export const STEADY_MS: Ms = ms(3000);

/** @throws usage error naming every part of the target that the campaign needs and the target lacks. */
export function resolvePlan(inputs: PlanInputs): Plan {
  const { campaign } = inputs;
  const missing: Problem[] = [];
  const load = campaign.load.map((one) => scenarioLoad(one, inputs, missing));
  if (missing.length > 0) throw new GauntletError('usage', missing);
  const faultsMs = campaign.faults.reduce(
    (sum, fault) =>
      sum + (fault.holdMs ?? 0) + campaign.recovery.timeoutMs + campaign.recovery.holdMs + FAULT_MARGIN,
    0,
  );
  return {
    schema: 'gauntlet.plan/1',
    id: inputs.id,
    campaign: campaign.name,
    target: inputs.target,
    seed: inputs.seed,
    versions: inputs.versions,
    load,
    warmupMs: campaign.warmupMs,
    baselineMs: campaign.baselineMs,
    faults: campaign.faults.map(({ at: _place, ...fault }) => fault),
    recovery: campaign.recovery,
    abort: campaign.goals.abort,
    objectives: campaign.goals.objectives,
    longestMs: ms(campaign.warmupMs + campaign.baselineMs + faultsMs + STEADY_MS),
  };
}

function scenarioLoad(one: CampaignLoad, inputs: PlanInputs, missing: Problem[]): ScenarioLoad {
  const environment = inputs.topology ? one.scenario.environment(inputs.topology) : { env: {} };
  if ('missing' in environment) {
    missing.push({
      subject: `target ${inputs.target}`,
      expected: `${environment.missing}, which scenario ${one.scenario.name} needs`,
      got: 'nothing',
      next: 'Add it to the target file, or take the scenario out of the campaign.',
      place: inputs.campaign.targetPlace,
    });
  }
  const flows = one.flows.map((flow): FlowLoad => {
    const schedule = one.schedules.get(flow) ?? { startRate: 0 as never, stages: [] };
    return {
      flow,
      executor: flow.replaceAll('.', '_'),
      schedule,
      worstStallMs: one.worstStallMs,
      vus: vusForSegments(vusNeeded(schedule, one.worstStallMs), one.generators),
    };
  });
  return {
    scenario: one.scenario.name,
    script: inputs.scriptOf(one.scenario.name),
    flows,
    ...(one.generators > 1 && { generators: one.generators }),
    env: { ...('env' in environment ? environment.env : {}), GAUNTLET_RUN_ID: inputs.id },
  };
}
