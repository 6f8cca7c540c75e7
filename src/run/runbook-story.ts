/** `gauntlet runbook` before a run: the plan for people, and the facts that it needs. Touches nothing. */

import type { Fault, FaultPlan } from '../chaos/fault.ts';
import { faultNamed } from '../chaos/faults/registry.ts';
import type { TargetFile } from '../config/read-target.ts';
import type { Platform } from '../core/acts/platform.ts';
import { messageOf } from '../core/errors.ts';
import { faultOfPhase } from '../core/fault-steps.ts';
import type { FaultInRound, Plan } from '../core/plan.ts';
import type { Fact, Runbook, RunbookFault } from '../core/runbook.ts';
import type { Topology } from '../core/topology.ts';
import { checkOpened } from './check-target.ts';
import { paperWorld } from './open/consent.ts';
import { lengthText, loadLines, timeline } from './open/dry-run.ts';
import {
  isSandboxUp,
  openRunningTarget,
  peekTopology,
  sandboxName,
  targetIdentity,
} from './open/open-target.ts';
import type { OpenTarget } from './open/opened.ts';
import { partsForTarget } from './open/target-parts.ts';
import { type Asked, planOf, prepare, worldOf } from './prepare.ts';
import { isNotSo, isSo, isUnknown } from './runbook/fact.ts';
import {
  firstRound,
  type PlannedSteps,
  plannedSteps,
  stepsOnPaper,
  unknownSteps,
} from './runbook/fault-facts.ts';
import { partUses } from './runbook/part-uses.ts';
import { answerFact, cleanFact, freeFact, machineFacts, type Place } from './runbook/place-facts.ts';
import { policyFacts } from './runbook/policy-facts.ts';

export interface RunbookRequest extends Asked {
  readonly env: Place['env'];
  readonly approvedBy: readonly string[];
}

const USUAL_LEASE_MS = 3000;

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');

/** @throws usage: campaign or target cannot be read. All else that is not as it has to be is a fact. */
export async function runbookStory(request: RunbookRequest): Promise<Runbook> {
  const prepared = await prepare(request);
  const { target } = prepared;
  const seen = await lookAt(target, request);
  try {
    const plan = planOf(prepared, seen.topology, request, {});
    const steps = await stepsIn(plan, target, seen, request.seed);
    const place = { target, places: request.places, env: request.env };
    const platform = seen.opened?.platform ?? (seen.isSandboxDown ? paperWorld(target).platform : null);
    return {
      ...{ plan, platform: target.platform, madeAt: new Date().toISOString() },
      facts: [
        isSo('Files', `campaign ${plan.campaign} and target ${target.name} have no mistake`),
        ...(await policyFacts(plan, target, platform)),
        ...steps.facts,
        ...(await targetFacts(plan, place, seen)),
        ...(await machineFacts(plan, place, partsForTarget(target))),
      ],
      faults: await faultsOf(plan, steps, platform),
      load: loadLines(plan).map(oneLine),
      timeline: timeline(plan).map(oneLine),
      length: lengthText(plan),
      leaseMs: platform?.leaseMs ?? USUAL_LEASE_MS,
      approvedBy: request.approvedBy,
      campaign: request.campaign,
      target: request.target ?? target.name,
    };
  } finally {
    await seen.opened?.close();
  }
}

/** The target as it is now. */
interface Seen {
  readonly topology: Topology | null;
  readonly opened: OpenTarget | null;
  readonly identity: string | null;
  /** A run starts it by itself. */
  readonly isSandboxDown: boolean;
  /** Why it could not be opened; null: it was, or a run starts it. */
  readonly problem: string | null;
}

async function lookAt(target: TargetFile, { places }: RunbookRequest): Promise<Seen> {
  const isSandboxDown = target.platform === 'sandbox' && !isSandboxUp(target, places);
  let identity: string | null = null;
  let topology: Topology | null = null;
  try {
    identity = await targetIdentity(target, places);
    topology = await peekTopology(target, places);
    const opened = isSandboxDown ? null : await openRunningTarget(target, places);
    return { topology, opened, identity, isSandboxDown, problem: null };
  } catch (error) {
    return { topology, opened: null, identity, isSandboxDown, problem: messageOf(error) };
  }
}

async function stepsIn(plan: Plan, target: TargetFile, seen: Seen, seed: number): Promise<PlannedSteps> {
  if (seen.opened !== null) return await plannedSteps(plan, target, worldOf(seen.opened, seed));
  if (seen.isSandboxDown) return await stepsOnPaper(plan, target);
  return unknownSteps(plan, 'the target cannot be opened');
}

async function targetFacts(plan: Plan, place: Place, seen: Seen): Promise<readonly Fact[]> {
  const { opened, identity, problem, isSandboxDown } = seen;
  const answers = isSandboxDown
    ? isUnknown('Target answers', downText(sandboxName(place.target)))
    : opened === null
      ? isNotSo('Target answers', problem ?? 'it cannot be opened')
      : answerFact(await checkOpened(place.target, opened, kindsOf(plan)));
  if (identity === null) return [answers];
  return [answers, await freeFact(identity, place, opened), await cleanFact(identity, place, opened)];
}

const kindsOf = ({ faults }: Plan): readonly Fault[] =>
  [...new Set(faults.map((one) => one.kind))].map(faultNamed);

const downText = (name: string): string =>
  `sandbox ${name} is not up: the run starts it. To check the rest now: ` +
  `gauntlet sandbox up${name === 'default' ? '' : ` --name ${name}`}, then make this page again`;

async function faultsOf(
  plan: Plan,
  { plans }: PlannedSteps,
  platform: Platform | null,
): Promise<readonly RunbookFault[]> {
  const links = (await platform?.links?.list().catch(() => [])) ?? [];
  const instances = (await platform?.instances?.list().catch(() => [])) ?? [];
  const services = new Map(instances.map((one) => [one.instance, one.service]));
  return firstRound(plan).map((fault): RunbookFault => {
    const planned = plans.get(fault.name);
    // Before victims are drawn, each instance of the service may be one.
    const named = instances.filter((one) => one.service === fault.spec['service']);
    const touches = planned?.touches ?? named.map((one) => one.instance);
    return { ...describe(fault, plan, planned), touches, uses: partUses(touches, links, services) };
  });
}

function describe(
  fault: FaultInRound,
  { objectives }: Plan,
  planned: FaultPlan | undefined,
): Omit<RunbookFault, 'uses' | 'touches'> {
  const kind = faultNamed(fault.kind);
  const names = [fault.name, ...(fault.group ? [fault.group.name] : [])];
  const mine = objectives.filter(({ scope }) => {
    if (scope.kind === 'run') return false;
    const of = scope.kind === 'after' ? scope.fault : faultOfPhase(scope.phase)?.name;
    return of !== undefined && names.includes(of);
  });
  return {
    ...{ name: fault.name, summary: kind.summary, written: fault.written, holdMs: fault.holdMs },
    group: fault.group ?? null,
    hypotheses: mine.map(({ name, source }) => ({ objective: name, source })),
    victim: planned?.victim ?? null,
    timers: planned?.timers ?? [],
    proof: planned === undefined ? kind.proof : kind.expect(planned).text,
    ...{ undone: kind.undone, limits: kind.limits ?? null },
  };
}
