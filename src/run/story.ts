/**
 * The story of a run, top-down: preflight → load → warm-up → baseline → each fault, applied, proven, held, undone, proven gone,
 * watched until the system is back → steady → stop → judge from disk. Every step is an event.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFault } from '../chaos/injector.ts';
import { GauntletError, messageOf } from '../core/errors.ts';
import type { FaultInRound } from '../core/plan.ts';
import { seededRng } from '../core/rng.ts';
import { type Ms, ms } from '../core/units.ts';
import type { ReportInput } from '../report/input.ts';
import { measureBaseline } from './baseline.ts';
import { removalTimeout } from './fault-times.ts';
import { followShape } from './follow-shape.ts';
import { type OpenRun, openRun } from './open-run.ts';
import { watchRecovery } from './recovery-watch.ts';
import type { RunRequest } from './request.ts';
import { STEADY_MS } from './resolve-plan.ts';
import { createRunDirectory, RUN_FILES } from './run-directory.ts';
import { writeReports } from './write-reports.ts';

/** Time for the probes to show how things were before, and for a fault's effect to be seen or not. */
const PROOF_TIMEOUT = ms(6000);
const REMOVAL_TIMEOUT = ms(20_000);

/**
 * Runs the plan and judges it. Resolves with the result also when the run was aborted or interrupted: everything is then
 * undone, and the verdict says so. Rejects when nothing was started (the target is not there, a scenario does not compile),
 * when the run directory cannot be written, and with a defect.
 */
export async function runCampaign(request: RunRequest): Promise<ReportInput> {
  createRunDirectory(request.runDir);
  writeFileSync(join(request.runDir, RUN_FILES.plan), `${JSON.stringify(request.plan, null, 2)}\n`);
  const run = await openRun(request);
  try {
    await run.preflight();
  } catch (error) {
    if (!run.stopped.aborted) run.report({ kind: 'failed', why: messageOf(error) });
    await run.close();
    throw error;
  }
  try {
    await perform(run);
  } catch (error) {
    noteEnd(run, error);
  } finally {
    await run.close();
  }
  return writeReports(request.runDir);
}

async function perform(run: OpenRun): Promise<void> {
  await run.startLoad();
  if (run.plan.shape !== null) return followShape(run, run.plan.shape);
  await phase(run, 'warmup', run.plan.warmupMs);
  await phase(run, 'baseline', run.plan.baselineMs);
  await measureBaseline(run);
  for (const fault of run.plan.faults) await oneFault(run, fault);
  await phase(run, 'steady', STEADY_MS);
}

async function phase(run: OpenRun, name: string, length: Ms): Promise<void> {
  run.report({ kind: 'phase', name });
  await run.clock.sleep(length, run.stopped);
}

async function oneFault(run: OpenRun, planned: FaultInRound): Promise<void> {
  run.stopped.throwIfAborted();
  const record = await runFault({
    planned,
    world: { platform: run.platform, clock: run.clock, rng: seededRng(planned.seed), timers: run.timers },
    feed: run.probes,
    journal: run.journal,
    lease: run.lease,
    policy: run.policy,
    signal: run.stopped,
    report: run.report,
    proofTimeoutMs: PROOF_TIMEOUT,
    removalTimeoutMs: removalTimeout(run.platform.handle.platform, REMOVAL_TIMEOUT),
  });
  run.report({ kind: 'fault-done', record });
  if (record.cutShort !== null) run.abort(`${planned.name} was cut short: ${record.cutShort}`);
  run.stopped.throwIfAborted();
  await watchRecovery(run, record);
}

/** A run that did not reach its end says why; what it measured until then is still judged, and is not a PASS. */
function noteEnd(run: OpenRun, error: unknown): void {
  if (run.abortedBecause() !== null) return;
  if (error instanceof GauntletError && error.kind === 'interrupted') {
    run.noteInterruption();
    return;
  }
  run.report({ kind: 'failed', why: messageOf(error) });
  if (!(error instanceof GauntletError)) throw error;
}
