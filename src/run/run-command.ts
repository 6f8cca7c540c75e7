/**
 * `gauntlet run` without its terminal: campaign and target are read and checked, the lock is taken, what earlier runs left is
 * undone, tools are found, the target is opened, the plan is made, and the story begins. In that order: nothing is started
 * on a mistake, and whatever was started is taken down again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultPlan } from '../chaos/fault.ts';
import { preflightFaults } from '../chaos/guards/preflight.ts';
import { lockTarget } from '../chaos/guards/target-lock.ts';
import { recoverAll } from '../chaos/healing/recover.ts';
import type { ReplayOutcome } from '../chaos/healing/replay.ts';
import type { World } from '../chaos/world.ts';
import { GauntletError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { seededRng } from '../core/rng.ts';
import type { ReportInput } from '../report/input.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { projectRoot } from '../system/project.ts';
import { openPlatform } from '../targets/open-platform.ts';
import type { TargetFile } from '../targets/target-file.ts';
import { type PartName, requireParts } from '../toolchain/parts.ts';
import { type Campaign, readCampaign } from './campaign-file.ts';
import { findNamed, namedTarget, newRunId } from './names.ts';
import { isSandboxUp, openRunningTarget, openTarget, peekTopology, targetIdentity } from './open-target.ts';
import type { OpenTarget } from './opened.ts';
import type { RunWatchers } from './request.ts';
import { resolvePlan } from './resolve-plan.ts';
import { refuseTaken } from './run-directory.ts';
import { runCampaign } from './story.ts';

export interface RunCommandRequest {
  readonly campaign: string;
  readonly target: string | undefined;
  readonly out: string | undefined;
  readonly seed: number;
  /** Multiplies every arrival rate of the campaign. */
  readonly scale: number;
  readonly places: Places;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly watchers: RunWatchers;
  progress(text: string): void;
  /** Called once, with the plan, before anything is touched. Rejects to refuse. */
  confirm(plan: Plan, target: TargetFile): Promise<void>;
}

export interface Prepared {
  readonly campaign: Campaign;
  readonly target: TargetFile;
  readonly id: string;
}

/** Reads and checks the files; starts nothing. @throws usage with every problem. */
export function prepare(request: Pick<RunCommandRequest, 'campaign' | 'target' | 'seed'>): Prepared {
  const campaign = readCampaign(findNamed('campaign', request.campaign));
  const target = namedTarget(request.target ?? campaign.target);
  return { campaign, target, id: newRunId(campaign.name, new Date(), request.seed) };
}

export interface DryRun {
  readonly plan: Plan;
  readonly target: TargetFile;
  /** Whom the faults would hit as things are now; null when the target is not up and nothing may be started. */
  readonly faults: readonly FaultPlan[] | null;
}

/** The plan without touching anything: addresses and victims only where they are known without starting a thing. */
export async function dryRun(
  request: Pick<RunCommandRequest, 'campaign' | 'target' | 'seed' | 'scale' | 'places'>,
): Promise<DryRun> {
  const prepared = prepare(request);
  const { target } = prepared;
  const plan = planOf(prepared, await peekTopology(target, request.places), request, {});
  if (target.platform === 'sandbox' && !isSandboxUp(target, request.places))
    return { plan, target, faults: null };
  const opened = await openRunningTarget(target, request.places);
  try {
    const faults = await preflightFaults(plan.faults, worldOf(opened, request.seed), target.policy);
    return { plan, target, faults };
  } finally {
    await opened.close();
  }
}

const worldOf = (opened: OpenTarget, seed: number): World => ({
  platform: opened.platform,
  clock: monotonicClock,
  rng: seededRng(seed),
  timers: opened.timers,
});

export interface RunOutcome {
  readonly input: ReportInput;
  readonly runDir: string;
}

export async function runCommandStory(request: RunCommandRequest): Promise<RunOutcome> {
  const { places, env, signal, progress } = request;
  const prepared = prepare(request);
  const { target, campaign, id } = prepared;
  const secrets = secretsOf(target, env);
  const runDir = request.out ?? join(projectRoot, 'reports', id);
  refuseTaken(runDir);
  const unlock = lockTarget(places, await targetIdentity(target, places), `run ${campaign.name} (${id})`);
  try {
    sayRecovered(await recoverAll({ places, openPlatform }), progress);
    const names: readonly PartName[] =
      target.platform === 'sandbox' ? ['k6', 'redis', 'java', 'kafka'] : ['k6'];
    const tools = await requireParts(names, { places, env, progress });
    const opened = await openTarget(target, {
      places,
      tools,
      signal,
      progress,
      purpose: `run ${campaign.name}`,
      recovered: (left) => sayRecovered(left, progress),
    });
    try {
      const plan = planOf(prepared, opened.platform.topology, request, versionsOf(tools.kafka?.version));
      await preflightFaults(plan.faults, worldOf(opened, request.seed), target.policy);
      await request.confirm(plan, target);
      signal.throwIfAborted();
      const input = await runCampaign({
        plan,
        runDir,
        platform: opened.platform,
        probeTopology: opened.probeTopology,
        timers: opened.timers,
        policy: target.policy,
        tools,
        places,
        clock: monotonicClock,
        secrets,
        signal: opened.lost ? AbortSignal.any([signal, opened.lost]) : signal,
        watchers: request.watchers,
      });
      return { input, runDir };
    } finally {
      await opened.close();
    }
  } finally {
    unlock();
  }
}

function planOf(
  prepared: Prepared,
  topology: Awaited<ReturnType<typeof peekTopology>>,
  request: Pick<RunCommandRequest, 'seed' | 'scale'>,
  versions: Readonly<Record<string, string>>,
): Plan {
  return resolvePlan({
    campaign: prepared.campaign,
    topology,
    target: prepared.target.name,
    id: prepared.id,
    seed: request.seed,
    scale: request.scale,
    versions,
    scriptOf: (scenario) => join(projectRoot, 'scenarios', `${scenario}.ts`),
  });
}

function versionsOf(kafka: string | undefined): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return { gauntlet: manifest.version, node: process.version, ...(kafka !== undefined && { kafka }) };
}

function secretsOf(
  target: TargetFile,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  if (!target.auth) return {};
  const token = env[target.auth.tokenEnv];
  if (token !== undefined && token !== '') return { GATEWAY_TOKEN: token };
  throw new GauntletError('usage', [
    {
      subject: `target ${target.name}: auth.tokenFrom`,
      expected: `a token in the environment variable ${target.auth.tokenEnv}`,
      got: 'nothing',
      next: `Set it, for example: ${target.auth.tokenEnv}=... gauntlet run ...`,
    },
  ]);
}

/** @throws residue must not be built upon: a run on a target that is still broken would measure the old fault. */
function sayRecovered(outcome: ReplayOutcome, progress: (text: string) => void): void {
  for (const one of outcome.undone)
    progress(`undone from an earlier run: ${one.fault} of ${one.run} (${one.evidence})`);
  if (outcome.residue.length === 0) return;
  throw new GauntletError(
    'refused',
    outcome.residue.map((one) => ({
      subject: `${one.fault} of run ${one.run}`,
      expected: 'to be undone before another run',
      got: one.evidence,
      next: 'See gauntlet recover.',
    })),
  );
}
