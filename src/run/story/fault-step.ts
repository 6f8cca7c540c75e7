/**
 * One step of a campaign: a fault, faults that are in place together, or faults one after another. Every
 * member has its own journal entry, receipts and record; the records show when a group was not as written.
 */

import { runTogether } from '../../chaos/group/together.ts';
import type { FaultOutcome, FaultRequest } from '../../chaos/injector/fault-request.ts';
import { givenUp } from '../../chaos/injector/group-end.ts';
import { runFault } from '../../chaos/injector/injector.ts';
import type { RunEventBody } from '../../core/events.ts';
import type { FaultStep } from '../../core/fault-steps.ts';
import type { FaultInRound } from '../../core/plan.ts';
import type { FaultRecord } from '../../core/result.ts';
import { seededRng } from '../../core/rng.ts';
import { ms } from '../../core/units.ts';
import { CAMPAIGN_REMOVAL_MS, removalOf } from '../plan/fault-times.ts';
import type { OpenRun } from './open-run.ts';

/** Time for the probes to record the state before, and for a fault's effect to be observed or not. */
const PROOF_TIMEOUT = ms(6000);

const removalMs = (run: StepRun, planned: FaultInRound): number =>
  removalOf(planned, run.platform.handle.platform, CAMPAIGN_REMOVAL_MS);

/** The parts of a run that the step needs. */
export type StepRun = Pick<
  OpenRun,
  'platform' | 'clock' | 'timers' | 'probes' | 'journal' | 'lease' | 'policy' | 'stopped' | 'report' | 'abort'
>;

/**
 * When it returns, every applied fault is undone, or its undo was tried. A fault that was cut short by
 * anything other than its own group aborts the run.
 * @throws what runFault throws, after the records of the other members were reported.
 */
export async function runStep(
  run: StepRun,
  { group, members }: FaultStep<FaultInRound>,
): Promise<readonly FaultRecord[]> {
  return group?.how === 'together' ? together(run, members) : oneAfterAnother(run, members);
}

async function together(run: StepRun, members: readonly FaultInRound[]): Promise<readonly FaultRecord[]> {
  // A member may have to delay its proof of removal until the longest of the others is gone.
  const longest = Math.max(...members.map((one) => one.holdMs ?? 0));
  const { outcomes, failure } = await runTogether(
    members.map((one) => requestOf(run, one, removalMs(run, one) + PROOF_TIMEOUT + longest)),
  );
  for (const outcome of outcomes) tell(run, outcome);
  if (failure !== null) throw failure;
  return outcomes;
}

async function oneAfterAnother(
  run: StepRun,
  members: readonly FaultInRound[],
): Promise<readonly FaultRecord[]> {
  const outcomes: FaultOutcome[] = [];
  let spoiled: string | null = null;
  for (const planned of members) {
    const outcome: FaultOutcome =
      spoiled === null
        ? await runFault(requestOf(run, planned, removalMs(run, planned)))
        : notBegun(run, planned, spoiled);
    tell(run, outcome);
    run.stopped.throwIfAborted();
    outcomes.push(outcome);
    if (outcome.status !== 'injected') spoiled ??= `${planned.name} was ${outcome.status}`;
  }
  return outcomes;
}

function tell(run: StepRun, outcome: FaultOutcome): void {
  const { name, cutShort, endedBy } = outcome;
  run.report({ kind: 'fault-done', record: outcome });
  if (cutShort !== null && endedBy !== 'group') run.abort(`${name} was cut short: ${cutShort}`);
}

const requestOf = (run: StepRun, planned: FaultInRound, removalTimeoutMs: number): FaultRequest => ({
  planned,
  world: { platform: run.platform, clock: run.clock, rng: seededRng(planned.seed), timers: run.timers },
  feed: run.probes,
  journal: run.journal,
  lease: run.lease,
  policy: run.policy,
  signal: run.stopped,
  report: (event) => run.report(ofGroup(event, planned)),
  proofTimeoutMs: PROOF_TIMEOUT,
  removalTimeoutMs: ms(removalTimeoutMs),
});

/** For the live view: which faults belong together. */
const ofGroup = (event: RunEventBody, { group }: FaultInRound): RunEventBody =>
  event.kind === 'fault-planned' && group ? { ...event, group } : event;

/**
 * After a fault that took no effect, continuing would be another experiment than the one that was requested.
 */
function notBegun(run: StepRun, planned: FaultInRound, spoiled: string): FaultOutcome {
  const evidence = givenUp(spoiled);
  run.report({ kind: 'fault-not-injected', fault: planned.name, evidence });
  return {
    name: planned.name,
    kind: planned.kind,
    victim: 'nobody',
    plannedAt: null,
    appliedAt: null,
    injectedAt: null,
    removedAt: null,
    status: 'not-injected',
    injection: { held: 'not judged', fresh: 'not judged', boundMs: 0, evidence },
    removal: null,
    lease: null,
    recovery: {},
    pod: null,
    timers: [],
    probes: [],
    cutShort: null,
    endedBy: 'group',
  };
}
