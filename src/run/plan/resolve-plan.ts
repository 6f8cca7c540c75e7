/** Campaign + topology → plan: pure data, seeded, printable, written before the target is touched. */

import type { CampaignLoad } from '../../config/campaign-load.ts';
import type { Campaign } from '../../config/read-campaign.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { nameInRound } from '../../core/fault-steps.ts';
import { type FlowLoad, type ScenarioLoad, timesRate } from '../../core/load-plan.ts';
import { flowsOfPath } from '../../core/paths.ts';
import type { FaultInRound, Plan } from '../../core/plan.ts';
import type { RateFound } from '../../core/rate-search.ts';
import type { SchemaRegistries } from '../../core/schema-registry.ts';
import type { Topology } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import { vusNeeded } from '../../measure/reserve.ts';
import { shapedSchedule } from '../../measure/schedule.ts';
import { vusForSegments } from '../../measure/segments.ts';
import { lengthProblems, rateProblems } from './check-rates.ts';
import { baselineNeeded } from './enough-samples.ts';
import { extraRemovalMs } from './fault-times.ts';
import { sampleWarnings, unloadedGoals } from './judgeable.ts';
import { insecureIn, loadTls } from './load-tls.ts';
import { plainLogins } from './plain-logins.ts';
import { foreignLoad, kindOf, ownEndProblems, ownFlow, ownLength, scaleProblems } from './plan-foreign.ts';
import { planLength } from './plan-length.ts';
import { pathsPlan } from './plan-paths.ts';
import { type FlowRecords, recordProblems, recordsOfFlow, recordsPlan } from './plan-records.ts';
import { environmentOf, hasAddress } from './script-environment.ts';

export interface PlanInputs {
  readonly campaign: Campaign;
  /** Null for a dry run on a sandbox that is not running: addresses are then unknown. */
  readonly topology: Topology | null;
  readonly target: string;
  readonly id: string;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly registries?: SchemaRegistries;
  readonly environment?: Plan['environment'];
  readonly subject?: Plan['subject'];
  /** Multiplies every rate. */
  readonly scale: number;
  /** The rates found below the ceilings; absent before the search. */
  readonly rateFound?: RateFound;
}

/** @throws usage error that names every part of the target that the campaign needs and the target lacks. */
export function resolvePlan(inputs: PlanInputs): Plan {
  const { campaign } = inputs;
  const problems: Problem[] = [];
  const notes: string[] = [];
  const records = new Map<string, FlowRecords>();
  const load = campaign.load.map((one) => scenarioLoad(one, inputs, { problems, notes, records }));
  const flows = load.flatMap((one) => one.flows);
  const followed = recordsPlan(load, campaign.load);
  const { paths, problems: unfollowed } = pathsPlan(load, followed.records, campaign);
  const loaded = [...flows.map((one) => one.flow), ...(campaign.paths ?? []).flatMap(flowsOfPath)];
  problems.push(...unloadedGoals(campaign.goals, loaded, inputs.target, campaign.targetPlace));
  problems.push(...recordProblems(campaign.goals, records, campaign.targetPlace), ...unfollowed);
  if (problems.length > 0) throw new GauntletError('usage', problems);
  const { shape } = campaign;
  // The rate that was found decides how long the objectives' samples take.
  const leastMs = inputs.rateFound ? baselineNeeded(campaign.goals.objectives, flows) : 0;
  const writtenMs = campaign.untilLoadEnds ? ownLength(load, campaign.warmupMs) : campaign.baselineMs;
  const [warmupMs, baselineMs] =
    shape === null ? [campaign.warmupMs, ms(Math.max(writtenMs, leastMs))] : [ms(0), ms(0)];
  const length = planLength({ ...campaign, baselineMs }, flows, extraRemovalMs(inputs.topology?.platform));
  const tooLong = [
    ...lengthProblems(length.loadBoundMs, campaign.file),
    ...(campaign.untilLoadEnds ? [] : ownEndProblems(campaign.load, flows, length.expectedMs)),
  ];
  if (tooLong.length > 0) throw new GauntletError('usage', tooLong);
  const plan: Plan = {
    schema: 'gauntlet.plan/1',
    id: inputs.id,
    campaign: campaign.name,
    target: inputs.target,
    seed: inputs.seed,
    versions: inputs.versions,
    ...(inputs.subject && { subject: inputs.subject }),
    ...(inputs.environment && { environment: inputs.environment }),
    scale: inputs.scale,
    ...searchOf(inputs),
    load,
    ...followed,
    ...(paths.length > 0 && { paths }),
    shape,
    warmupMs,
    baselineMs,
    ...(campaign.untilLoadEnds && { untilLoadEnds: true }),
    faults: roundsOf(campaign, inputs.seed),
    repeat: campaign.repeat,
    recovery: campaign.recovery,
    abort: campaign.goals.abort,
    objectives: campaign.goals.objectives,
    ...length,
    ...(notes.length > 0 && { notes }),
    ...insecureIn(inputs.topology, inputs.registries),
  };
  const warnings = [
    ...plainLogins(inputs.topology, inputs.registries),
    ...sampleWarnings(plan, campaign.goals),
  ];
  return warnings.length === 0 ? plan : { ...plan, warnings };
}

function searchOf({ campaign, rateFound }: PlanInputs): Pick<Plan, 'rateSearch'> {
  const scenarios = campaign.load.filter((one) => one.auto).map((one) => one.scenario.name);
  return scenarios.length === 0 ? {} : { rateSearch: { scenarios, found: rateFound ?? null } };
}

/**
 * Interleaved. Each round has its own seed, so that its victims are drawn anew and a round can be repeated.
 */
function roundsOf(campaign: Campaign, seed: number): readonly FaultInRound[] {
  return Array.from({ length: campaign.repeat }, (_, index) =>
    campaign.faults.map(
      ({ at: _place, group, ...fault }): FaultInRound => ({
        ...fault,
        ...(group && { group: { ...group, name: nameInRound(group.name, index + 1) } }),
        name: nameInRound(fault.name, index + 1),
        round: index + 1,
        seed: (seed + index) % 2 ** 31,
      }),
    ),
  ).flat();
}

/** The results of all scenarios, combined. */
interface Said {
  readonly problems: Problem[];
  readonly notes: string[];
  readonly records: Map<string, FlowRecords>;
}

function scenarioLoad(one: CampaignLoad, inputs: PlanInputs, said: Said): ScenarioLoad {
  const there = flowsThere(one, inputs.topology, inputs.target);
  if (there.note !== null) said.notes.push(there.note);
  const { env, missing } = environmentOf(one.scenario, there.flows, inputs.topology);
  if (missing.length > 0) {
    said.problems.push({
      subject: `target ${inputs.target}`,
      expected: `an address of ${missing.join(', ')}, which scenario ${one.scenario.name} needs`,
      got: 'nothing',
      next: 'Add it to the target file, or remove the scenario from the campaign.',
      place: inputs.campaign.targetPlace,
    });
  }
  const { tls, problems: refused } = loadTls(one.scenario, there.flows, inputs.topology);
  said.problems.push(...refused.map((problem) => ({ ...problem, place: inputs.campaign.targetPlace })));
  const flows = there.flows.map((flow, index): FlowLoad => {
    const read = one.foreign && one.scenario.script?.flows[index];
    if (read?.own) return ownFlow(flow, read, one.worstStallMs);
    const found = recordsOfFlow(one, flow, inputs.topology, inputs.target);
    said.records.set(flow, found);
    const { topics } = found;
    const written = one.schedules.get(flow) ?? { startRate: 0 as never, stages: [] };
    const share = one.auto ? inputs.rateFound?.share || 1 : 1;
    const scaled = timesRate(written, inputs.scale * share * there.factor);
    const { shape } = inputs.campaign;
    const schedule = shape === null ? scaled : shapedSchedule(scaled.startRate, shape.steps);
    return {
      flow,
      ...(one.scenario.services[flow] !== undefined && { service: one.scenario.services[flow] }),
      ...(topics !== null && { records: topics }),
      executor: flow.replaceAll('.', '_'),
      schedule,
      worstStallMs: one.worstStallMs,
      vus: vusForSegments(vusNeeded(schedule, one.worstStallMs), one.generators),
      // With several flows in one k6, a VU could not know which flow's queue runs short.
      ...(one.scenario.http && one.flows.length === 1 && !read && { standsBy: true }),
      ...(read && {
        executor: read.executor,
        foreign: { kind: kindOf(schedule), model: 'open', exec: read.exec },
      }),
    };
  });
  said.problems.push(
    ...rateProblems(
      one,
      flows.filter((flow) => !flow.foreign?.own),
      inputs.scale,
    ),
  );
  said.problems.push(...scaleProblems(one, inputs.scale));
  return {
    scenario: one.scenario.name,
    script: one.scenario.file,
    flows,
    ...foreignLoad(one),
    ...(one.scenario.vuKb !== undefined && { vuKb: one.scenario.vuKb }),
    ...(one.generators > 1 && { generators: one.generators }),
    ...(one.redirects > 0 && { redirects: one.redirects }),
    ...(tls && { tls }),
    env: {
      ...env,
      // Nothing of ours reaches a foreign script.
      ...(one.foreign === undefined && { GAUNTLET_RUN_ID: inputs.id }),
    },
  };
}

export interface FlowsThere {
  readonly flows: readonly string[];
  /** The factor for each flow's rate, so that the scenario's total rate stays the same. */
  readonly factor: number;
  /** A remark for the plan; null when the target has all flows. */
  readonly note: string | null;
}

/**
 * Which flows of a scenario can be sent to a target. With `weights` the campaign names them, and each needs
 * its address; without, the rate is split over those that the target has an address for, and the plan reports
 * that.
 */
export function flowsThere(
  { scenario, flows, weighted }: Pick<CampaignLoad, 'scenario' | 'flows' | 'weighted'>,
  topology: Topology | null,
  target: string,
): FlowsThere {
  const all = { flows, factor: 1, note: null };
  if (topology === null || weighted) return all;
  const there = flows.filter((flow) => hasAddress(scenario, flow, topology));
  // Without any, the environment reports what is missing.
  if (there.length === 0 || there.length === flows.length) return all;
  const note =
    `${scenario.name}: target ${target} has an address for ${there.length} of its ${flows.length} flows, ` +
    `${there.join(', ')}; they share its whole rate`;
  return { flows: there, factor: flows.length / there.length, note };
}
