/**
 * The story of a run, top-down.
 *
 *     before   read and check the files → ask the guards → a person agrees → lock the target →
 *              undo what dead runs left → find the tools → open the target → ask the guards about the
 *              target as it is now → search for the rate
 *     run      preflight → load → warm-up → baseline → each fault or group of faults: applied, proven,
 *              held, undone, proven gone, watched until the system is back → steady → stop
 *     after    seal the evidence → judge from disk → reports
 *
 * Nothing is touched on a mistake, and what was started is taken down again. Every step of the run is an
 * event.
 */
import { resolve } from 'node:path';
import { lockTarget } from '../chaos/guards/target-lock.ts';
import { GauntletError, messageOf } from '../core/errors.ts';
import { stepsOf } from '../core/fault-steps.ts';
import type { GatePlan } from '../core/gate.ts';
import { asksIn } from '../core/objective.ts';
import type { Plan } from '../core/plan.ts';
import { LEAST_RATE, type RateFound } from '../core/rate-search.ts';
import type { Tools } from '../core/tools.ts';
import { epochMs, type Ms } from '../core/units.ts';
import { judgeGate } from '../measure/gate/judge-gate.ts';
import { goesOnWithFaults } from '../measure/gate/judge-recoveries.ts';
import type { ReportInput } from '../report/input.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';

import { requireParts } from '../system/toolchain/parts.ts';
import { createRunDirectory, notWritable, refuseTaken, writePlan } from './evidence/run-directory.ts';
import { sealEvidence } from './evidence/seal.ts';
import { checkConsent } from './open/consent.ts';
import { foreignSecrets } from './open/foreign-secrets.ts';
import { openTarget, targetIdentity } from './open/open-target.ts';
import type { OpenTarget } from './open/opened.ts';
import { openToken, type RunToken } from './open/run-token.ts';
import { checkSecrets } from './open/secrets.ts';
import { partsForTarget } from './open/target-parts.ts';
import { STEADY_MS } from './plan/plan-length.ts';
import {
  askGuards,
  type PreparedRun,
  planOf,
  prepare,
  type RunCommandRequest,
  versionsOf,
  worldOf,
} from './prepare.ts';
import { recoverOwn, sayRecovered } from './recover/leftovers.ts';
import { auditNow } from './story/audit-now.ts';
import { measureBaseline } from './story/baseline.ts';
import { playFaultPairs } from './story/fault-pairs.ts';
import { runStep } from './story/fault-step.ts';
import { followGate } from './story/follow-gate.ts';
import { followOwnLoad } from './story/follow-own-load.ts';
import { followShape } from './story/follow-shape.ts';
import { type OpenRun, openRun } from './story/open-run.ts';
import { searchRate } from './story/rate-search.ts';
import { watchRecovery } from './story/recovery-watch.ts';
import { requireEqualReplicas } from './story/replicas.ts';
import type { RunRequest } from './story/request.ts';
import { present } from './story/run-end.ts';
import { USUAL_MS } from './verdict/recoveries.ts';
import { writeReports } from './verdict/write-reports.ts';

export interface RunOutcome {
  readonly input: ReportInput;
  readonly runDir: string;
}

/**
 * `gauntlet run` without its terminal.
 * @throws as {@link runCampaign}; usage and refused before anything is touched.
 */
export const runStory = async (request: RunCommandRequest): Promise<RunOutcome> =>
  await runPrepared(await prepare(request), request);

/** What else happens before a run starts its load. One that rejects ends it there. */
export interface BeforeRun {
  /** The target is locked, and what dead runs left on it is undone; nothing else was touched. */
  locked?(identity: string): Promise<void> | void;
  /** The target is up. */
  opened?(opened: OpenTarget): Promise<void>;
}

/** The same, of files that were read already. @throws as {@link runStory}. */
export async function runPrepared(
  prepared: PreparedRun,
  request: RunCommandRequest,
  before: BeforeRun = {},
): Promise<RunOutcome> {
  const { places, env, signal, progress } = request;
  const { target, campaign, id } = prepared;
  checkSecrets(target, env);
  const secrets = foreignSecrets(campaign.load, env);
  const runDir = request.out ?? resolve('reports', id);
  refuseTaken(runDir);
  const asked = await askGuards(prepared, request, true);
  await request.confirm(asked.plan, target);
  signal.throwIfAborted();
  const identity = await targetIdentity(target, places);
  const unlock = lockTarget(places, identity, `run ${campaign.name} (${id})`);
  let token: RunToken | undefined;
  try {
    sayRecovered(await recoverOwn(identity, places, progress), progress);
    await before.locked?.(identity);
    token = await openToken(target, env, signal);
    const tools = await requireParts(partsForTarget(target), { places, env, progress });
    const purpose = `run ${campaign.name}`;
    const recovered = (left: Parameters<typeof sayRecovered>[0]): void => sayRecovered(left, progress);
    const opened = await openTarget(target, { places, tools, signal, progress, purpose, recovered });
    try {
      await before.opened?.(opened);
      const context = { request, prepared, opened, tools, token, secrets };
      const input = await runCampaign({ ...runRequest(context), plan: await planOnTarget(context), runDir });
      return { input, runDir };
    } finally {
      await opened.close();
    }
  } finally {
    await token?.close();
    unlock();
  }
}

/** A target that is open, and all that a run on it needs. */
interface Context {
  readonly request: RunCommandRequest;
  readonly prepared: PreparedRun;
  readonly opened: OpenTarget;
  readonly tools: Tools;
  readonly token: RunToken;
  readonly secrets: Readonly<Record<string, string>>;
}

const stopOf = ({ request: { signal }, opened }: Context): AbortSignal =>
  opened.lost ? AbortSignal.any([signal, opened.lost]) : signal;

function runRequest(context: Context): Omit<RunRequest, 'plan' | 'runDir'> {
  const { request, prepared, opened, tools, token, secrets } = context;
  const { platform, probeTopology, timers } = opened;
  return {
    ...{ platform, probeTopology, timers, tools, token, secrets },
    policy: prepared.target.policy,
    ...(prepared.target.registries && { registries: prepared.target.registries }),
    places: request.places,
    clock: monotonicClock,
    signal: stopOf(context),
    watchers: request.watchers,
  };
}

/** Asks the guards about the target in its current state; searches for a rate where one has to be found. */
async function planOnTarget(context: Context): Promise<Plan> {
  const { request, prepared, opened, tools, token, secrets } = context;
  const { topology } = opened.platform;
  const planWith = (rateFound?: RateFound): Plan =>
    planOf(prepared, topology, request, versionsOf(tools.kafka?.version), rateFound);
  const ceiling = planWith();
  await checkConsent(ceiling, prepared.target, worldOf(opened, request.seed), false);
  request.signal.throwIfAborted();
  if (ceiling.rateSearch === undefined) return ceiling;
  const found = await searchRate({
    ...{ plan: ceiling, topology, k6: tools.k6 ?? '', clock: monotonicClock, token, secrets },
    signal: stopOf(context),
    progress: (text) => request.progress(text),
  });
  return planWith(found);
}

/**
 * Runs the plan and judges it. Resolves with the result even when the run was aborted or interrupted:
 * everything is then undone, and the verdict states it. Rejects when nothing was started (the target is
 * missing, a scenario does not compile), when the run directory cannot be written, and with a defect. The
 * measurements until then are judged and written first, and RESIDUE is worse than either.
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

/** On a full disk, or after a defect, reports may fail: why the run ended is more important. */
function reportsInSpiteOf(runDir: string): ReportInput | undefined {
  try {
    return writeReports(runDir);
  } catch {
    return undefined;
  }
}

/** From here on the files are evidence: a judge can check whether they are still what this run wrote. */
function seal({ runDir, plan }: RunRequest): void {
  try {
    sealEvidence(runDir, plan.id);
  } catch (error) {
    throw notWritable(runDir, error);
  }
}

async function perform(run: OpenRun): Promise<void> {
  requireRate(run.plan);
  if (run.sides !== undefined) await requireEqualReplicas(run.sides);
  await auditNow(run, 'before');
  await run.startLoad();
  await play(run);
  await auditNow(run, 'after');
}

async function play(run: OpenRun): Promise<void> {
  if (run.plan.gate !== undefined) return playGate(run, run.plan.gate);
  if (run.plan.shape !== null) return followShape(run, run.plan.shape);
  if (run.plan.untilLoadEnds) return followOwnLoad(run);
  const asks = asksIn(run.plan.objectives);
  // Not awaited: a question that is never answered must not block the run.
  run.probes.watch(asks).catch((error: unknown) => run.fail(messageOf(error)));
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

async function playGate(run: OpenRun, gate: GatePlan): Promise<void> {
  const recorder = present(run.blocks, 'blocks of the gate');
  await followGate(run, gate, recorder);
  if (gate.recovery === undefined) return;
  const found = judgeGate(recorder.blocks, gate);
  if (goesOnWithFaults(found)) await playFaultPairs(run, gate);
  else run.report({ kind: 'step', text: `${found.status} without the faults, which are not played` });
}

/** A search that found no rate leaves nothing to measure: the run reports that before it sends anything. */
function requireRate({ rateSearch }: OpenRun['plan']): void {
  if (rateSearch?.found?.share !== 0) return;
  const expected = `a rate of at least ${LEAST_RATE}/s that is half of what holds`;
  const next = 'Stop other work on this machine, use a larger one, or write a fixed rate.';
  throw new GauntletError('unavailable', [{ subject: 'rate', expected, got: rateSearch.found.why, next }]);
}

async function phase(run: OpenRun, name: string, length: Ms): Promise<void> {
  run.report({ kind: 'phase', name });
  await run.clock.sleep(length, run.stopped);
}

/**
 * A run that ended early says why; its measurements until then are still judged, and are not a PASS.
 * @returns the error again when the verdict alone does not contain it: a defect, or trouble of the
 * environment.
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
