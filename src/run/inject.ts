/**
 * One fault by hand: the same guards, lock, journal, lease and receipts as in a campaign, in the same order,
 * without load.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FaultPlan } from '../chaos/fault.ts';
import { faultNamed } from '../chaos/faults/registry.ts';
import { lockTarget } from '../chaos/guards/target-lock.ts';
import { endJournal } from '../chaos/healing/cluster-journal.ts';
import { createJournal } from '../chaos/healing/journal.ts';
import { startLease } from '../chaos/healing/lease.ts';
import type { ReplayOutcome } from '../chaos/healing/replay.ts';
import { lastsMs, REMOVAL_TIMEOUT_MS } from '../chaos/injector/fault-request.ts';
import { runFault } from '../chaos/injector/injector.ts';
import { preflightFaults } from '../chaos/injector/preflight.ts';
import type { TargetFile } from '../config/read-target.ts';
import { GauntletError } from '../core/errors.ts';
import type { RunEventBody } from '../core/events.ts';
import type { PlannedFault } from '../core/plan.ts';
import type { FaultRecord } from '../core/result.ts';
import { seededRng } from '../core/rng.ts';
import type { Ms } from '../core/units.ts';
import { makeFolder } from '../system/make-folder.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { ProbeWatch } from '../targets/probes/probe-watch.ts';
import { paperSandbox } from '../targets/sandbox/paper.ts';
import { planOnPaper, protectedProblems } from './open/check-names.ts';
import { isSandboxUp, openRunningTarget, sandboxName, targetIdentity } from './open/open-target.ts';
import { removalOf } from './plan/fault-times.ts';
import { recoverOwn } from './recover/leftovers.ts';

export interface InjectRequest {
  readonly fault: string;
  /** As written: `latency=40ms`. */
  readonly parameters: readonly string[];
  readonly target: TargetFile;
  readonly holdFor: string | undefined;
  readonly places: Places;
  readonly signal: AbortSignal;
  report(event: RunEventBody): void;
  /** Called once, when the guards agree and before the target is touched. Rejects to refuse. */
  confirm(planned: PlannedFault): Promise<void>;
}

/** @throws usage with every wrong parameter. */
export function plannedFault(request: Pick<InjectRequest, 'fault' | 'parameters' | 'holdFor'>): PlannedFault {
  const fault = faultNamed(request.fault);
  const written = request.parameters.map((one): readonly [string, string] => {
    const at = one.indexOf('=');
    return at < 0 ? [one, ''] : [one.slice(0, at), one.slice(at + 1)];
  });
  const raw = Object.fromEntries(written.map(([key, value]) => [key, typed(value)]));
  const parsed = fault.parse(request.holdFor === undefined ? raw : { ...raw, for: request.holdFor });
  if (!parsed.ok) {
    throw new GauntletError(
      'usage',
      parsed.problems.map(({ path, ...problem }) => ({
        subject: path === '' ? fault.name : path,
        ...problem,
      })),
    );
  }
  return {
    name: fault.name,
    kind: fault.name,
    spec: parsed.spec as Readonly<Record<string, unknown>>,
    written: request.parameters.join(' '),
    holdMs: parsed.holdMs,
    ...(parsed.endsInMs && { endsInMs: parsed.endsInMs }),
  };
}

/** The value that YAML would parse: whole numbers and yes/no are not texts. */
function typed(value: string): unknown {
  if (/^\d+$/.test(value)) return Number(value);
  return value === 'true' ? true : value === 'false' ? false : value;
}

/** The current victim, after all guards; null when the target is not up, which a dry run does not change. */
export async function planInjection(
  planned: PlannedFault,
  target: TargetFile,
  places: Places,
): Promise<FaultPlan | null> {
  if (target.platform === 'sandbox' && !isSandboxUp(target, places)) {
    const platform = paperSandbox(sandboxName(target), target.system);
    const world = { platform, clock: monotonicClock, rng: seededRng(0) };
    const { problems } = await planOnPaper([planned], world);
    const wrong = [...(await protectedProblems(target, platform)), ...problems];
    if (wrong.length > 0) throw new GauntletError('usage', wrong);
    return null;
  }
  return await askGuards(planned, target, places, false);
}

/**
 * @param consentOnly see {@link preflightFaults}: what an earlier run left in place is undone before the
 * fault.
 */
async function askGuards(
  planned: PlannedFault,
  target: TargetFile,
  places: Places,
  consentOnly: boolean,
): Promise<FaultPlan | null> {
  const opened = await openRunningTarget(target, places);
  try {
    const { platform, timers } = opened;
    const world = { platform, clock: monotonicClock, rng: seededRng(Date.now() >>> 0), timers };
    const lasts = (fault: PlannedFault): Ms =>
      lastsMs(fault, removalOf(fault, target.platform, REMOVAL_TIMEOUT_MS));
    const wrong = await protectedProblems(target, platform);
    if (wrong.length > 0) throw new GauntletError('usage', wrong);
    const [plan] = await preflightFaults([planned], world, target.policy, { consentOnly, lastsMs: lasts });
    return plan ?? null;
  } finally {
    await opened.close();
  }
}

/** Residue of earlier runs does not prevent a fault by hand: it is reported. */
function tellLeft({ undone, residue }: ReplayOutcome, { report }: InjectRequest): void {
  for (const one of undone)
    report({
      kind: 'step',
      text: `undone from an earlier run: ${one.fault} of ${one.run} (${one.evidence})`,
    });
  for (const one of residue)
    report({ kind: 'step', text: `RESIDUE ${one.fault} of run ${one.run}: ${one.evidence}` });
}

export async function injectFault(request: InjectRequest): Promise<FaultRecord> {
  const planned = plannedFault(request);
  const { places, signal, target } = request;
  await askGuards(planned, target, places, true);
  await request.confirm(planned);
  signal.throwIfAborted();
  const identity = await targetIdentity(target, places);
  const unlock = lockTarget(places, identity, `inject ${planned.name}`);
  try {
    const say = (text: string): void => request.report({ kind: 'step', text });
    tellLeft(await recoverOwn(identity, places, say), request);
    const opened = await openRunningTarget(target, places, {
      purpose: `inject ${planned.name}`,
      signal,
      recovered: (left) => tellLeft(left, request),
      tell: say,
    });
    const seed = Date.now() >>> 0;
    // Pids are small, and equal in containers that share this folder.
    const tag = randomBytes(4).toString('hex');
    const run = `inject-${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${process.pid}-${tag}`;
    const folder = join(places.state, 'injections');
    makeFolder(folder);
    const clock = monotonicClock;
    const path = join(folder, `${run}.journal.ndjson`);
    const journal = createJournal({ path, places, run, platform: opened.platform.handle, clock });
    const lease = await startLease({ journal: path });
    const feed = new ProbeWatch({ topology: opened.probeTopology, clock });
    try {
      return await runFault({
        planned,
        world: { platform: opened.platform, clock, rng: seededRng(seed), timers: opened.timers },
        feed,
        journal,
        lease,
        policy: target.policy,
        signal: opened.lost ? AbortSignal.any([signal, opened.lost]) : signal,
        report: request.report,
        removalTimeoutMs: removalOf(planned, target.platform, REMOVAL_TIMEOUT_MS),
      });
    } finally {
      await feed.stop();
      await lease.release();
      const left = await endJournal(journal, opened.platform);
      if (left !== null) request.report({ kind: 'step', text: left });
      await opened.close();
    }
  } finally {
    unlock();
  }
}
