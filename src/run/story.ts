/**
 * The story of a run, top-down: preflight → load → warm-up → baseline → each fault or group of faults, applied, proven, held,
 * undone, proven gone, watched until the system is back → steady → stop → judge from disk. Every step is an event.
 */
import { GauntletError, messageOf } from '../core/errors.ts';
import { stepsOf } from '../core/fault-steps.ts';
import { epochMs, type Ms } from '../core/units.ts';
import { LEAST_RATE } from '../measure/carried-rate.ts';
import type { ReportInput } from '../report/input.ts';
import { measureBaseline } from './story/baseline.ts';
import { sealEvidence } from './evidence/seal.ts';
import { runStep } from './story/fault-step.ts';
import { followShape } from './story/follow-shape.ts';
import { type OpenRun, openRun } from './story/open-run.ts';
import { STEADY_MS } from './plan/plan-length.ts';
import { USUAL_MS } from './verdict/recoveries.ts';
import { watchRecovery } from './story/recovery-watch.ts';
import type { RunRequest } from './story/request.ts';
import { createRunDirectory, notWritable, writePlan } from './evidence/run-directory.ts';
import { writeReports } from './verdict/write-reports.ts';

/**
 * Runs the plan and judges it. Resolves with the result also when the run was aborted or interrupted: everything is then
 * undone, and the verdict says so. Rejects when nothing was started (the target is not there, a scenario does not compile),
 * when the run directory cannot be written, and with a defect; what was measured until then is judged and written before,
 * and RESIDUE is worse than either.
 */
export async function runCampaign(request: RunRequest): Promise<ReportInput> {
  createRunDirectory(request.runDir);
  writePlan(request.runDir, request.plan);
  const run = await openRun(request);
  const { notes = [], warnings = [] } = request.plan;
  for (const text of [...notes, ...warnings.map((one) => `WARNING: ${one}`)])
    run.report({ kind: 'step', text });
  try {
    await run.preflight();
  } catch (error) {
    if (!run.stopped.aborted) run.report({ kind: 'failed', why: messageOf(error) });
    await run.close();
    seal(request);
    throw error;
  }
  const failures: unknown[] = [];
  try {
    await perform(run);
  } catch (error) {
    failures.push(...noteEnd(run, error));
  }
  const attempt = async (step: () => Promise<void> | void): Promise<void> => {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(() => run.close());
  await attempt(() => seal(request));
  if (failures.length === 0) return writeReports(request.runDir);
  const input = reportsInSpiteOf(request.runDir);
  if (input?.result.verdict.status === 'RESIDUE') return input;
  throw failures[0];
}

/** On a full disk, or after a defect, there may be no reports: why the run ended matters more. */
function reportsInSpiteOf(runDir: string): ReportInput | undefined {
  try {
    return writeReports(runDir);
  } catch {
    return undefined;
  }
}

/** From here on the files are evidence: whoever judges them sees whether they are still what this run wrote. */
function seal({ runDir, plan }: RunRequest): void {
  try {
    sealEvidence(runDir, plan.id);
  } catch (error) {
    throw notWritable(runDir, error);
  }
}

async function perform(run: OpenRun): Promise<void> {
  requireRate(run.plan);
  await run.startLoad();
  if (run.plan.shape !== null) return followShape(run, run.plan.shape);
  await phase(run, 'warmup', run.plan.warmupMs);
  await phase(run, 'baseline', run.plan.baselineMs);
  await measureBaseline(run);
  for (const step of stepsOf(run.plan.faults)) {
    run.stopped.throwIfAborted();
    const begin = run.clock.now();
    const forget = [run.data.hold(begin), run.probes.hold(epochMs(begin - USUAL_MS))];
    const records = await runStep(run, step);
    run.stopped.throwIfAborted();
    await watchRecovery(run, records);
    for (const one of forget) one();
  }
  await phase(run, 'steady', STEADY_MS);
}

/** A search that found no rate leaves nothing to measure at: the run says so before it sends anything. */
function requireRate({ rateSearch }: OpenRun['plan']): void {
  if (rateSearch?.found?.share !== 0) return;
  const expected = `a rate of at least ${LEAST_RATE}/s that is half of what holds`;
  const next = 'Stop other work on this machine, take a larger one, or write a rate of your own.';
  throw new GauntletError('unavailable', [{ subject: 'rate', expected, got: rateSearch.found.why, next }]);
}

async function phase(run: OpenRun, name: string, length: Ms): Promise<void> {
  run.report({ kind: 'phase', name });
  await run.clock.sleep(length, run.stopped);
}

/**
 * A run that did not reach its end says why; what it measured until then is still judged, and is not a PASS.
 * @returns the error again when the verdict alone does not say it: a defect, or trouble of the environment.
 */
function noteEnd(run: OpenRun, error: unknown): readonly unknown[] {
  if (run.abortedBecause() !== null) return [];
  if (error instanceof GauntletError && error.kind === 'interrupted') {
    run.noteInterruption();
    return [];
  }
  run.report({ kind: 'failed', why: messageOf(error) });
  return error instanceof GauntletError && error.kind !== 'defect' ? [] : [error];
}
