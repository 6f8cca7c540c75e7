/**
 * `gauntlet run` without its terminal: campaign and target are read, the guards are asked, a person agrees, the lock is taken, what
 * earlier runs left on this target is undone, tools are found, the target is opened, the guards are asked about it as it is then,
 * and the story begins. In that order: nothing is touched on a mistake, and whatever was started is taken down again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockTarget } from '../chaos/guards/target-lock.ts';
import type { World } from '../chaos/world.ts';
import type { Plan } from '../core/plan.ts';
import type { RateFound } from '../core/rate-search.ts';
import { seededRng } from '../core/rng.ts';
import type { ReportInput } from '../report/input.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { projectRoot } from '../system/project.ts';
import type { TargetFile } from '../targets/target-file.ts';
import type { PartName } from '../../packages/sandbox/src/toolchain/part.ts';
import { requireParts } from '../../packages/sandbox/src/toolchain/parts.ts';
import { type Campaign, readCampaign } from './campaign-file.ts';
import { requireCapacity, requireOwnFiles } from './plan/check-limits.ts';
import { checkConsent } from './open/consent.ts';
import { recoverOwn, sayRecovered } from './recover/leftovers.ts';
import { findNamed, namedTarget, newRunId } from './open/names.ts';
import { isSandboxUp, openRunningTarget, openTarget, peekTopology, targetIdentity } from './open/open-target.ts';
import type { OpenTarget } from './open/opened.ts';
import { searchRate } from './story/rate-search.ts';
import type { RunWatchers } from './story/request.ts';
import { resolvePlan } from './plan/resolve-plan.ts';
import { refuseTaken } from './evidence/run-directory.ts';
import { secretsOf } from './open/secrets.ts';
import { runCampaign } from './story.ts';
import type { DryRun } from './open/dry-run.ts';

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
  requireOwnFiles();
  const campaign = readCampaign(findNamed('campaign', request.campaign));
  const target = namedTarget(request.target ?? campaign.target);
  return { campaign, target, id: newRunId(campaign.name, new Date(), request.seed) };
}

type Asked = Pick<RunCommandRequest, 'campaign' | 'target' | 'seed' | 'scale' | 'places'>;

/** The plan without touching anything: addresses and victims only where they are known without starting a thing. */
export const dryRun = async (request: Asked): Promise<DryRun> => await ask(prepare(request), request, false);

/**
 * Plans, and asks all guards; nothing is locked.
 * @param consentOnly leaves out what the target can bear at this moment: an earlier run may have left it broken, and that is undone.
 * @throws usage, refused.
 */
async function ask(prepared: Prepared, request: Asked, consentOnly: boolean): Promise<DryRun> {
  const { target } = prepared;
  const plan = planOf(prepared, await peekTopology(target, request.places), request, {});
  const faults = await guarded(plan, target, request, consentOnly);
  // Afterwards: how much this machine could send is no matter where it may not send it.
  requireCapacity(plan.load);
  return { plan, target, faults };
}

async function guarded(
  plan: Plan,
  target: TargetFile,
  { places, seed }: Asked,
  consentOnly: boolean,
): Promise<DryRun['faults']> {
  if (target.platform === 'sandbox' && !isSandboxUp(target, places))
    return await checkConsent(plan, target, null, consentOnly);
  const opened = await openRunningTarget(target, places);
  try {
    return await checkConsent(plan, target, worldOf(opened, seed), consentOnly);
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
  const asked = await ask(prepared, request, true);
  await request.confirm(asked.plan, target);
  signal.throwIfAborted();
  const identity = await targetIdentity(target, places);
  const unlock = lockTarget(places, identity, `run ${campaign.name} (${id})`);
  try {
    sayRecovered(await recoverOwn(identity, places, progress), progress);
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
      const planWith = (rateFound?: RateFound): Plan =>
        planOf(prepared, opened.platform.topology, request, versionsOf(tools.kafka?.version), rateFound);
      const ceiling = planWith();
      await checkConsent(ceiling, target, worldOf(opened, request.seed), false);
      signal.throwIfAborted();
      const lost = opened.lost ? AbortSignal.any([signal, opened.lost]) : signal;
      const plan =
        ceiling.rateSearch === undefined
          ? ceiling
          : planWith(
              await searchRate({
                ...{ plan: ceiling, topology: opened.platform.topology },
                ...{ k6: tools.k6 ?? '', clock: monotonicClock, secrets, signal: lost, progress },
              }),
            );
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
        signal: lost,
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
  rateFound?: RateFound,
): Plan {
  return resolvePlan({
    campaign: prepared.campaign,
    topology,
    target: prepared.target.name,
    id: prepared.id,
    seed: request.seed,
    scale: request.scale,
    versions,
    ...(rateFound && { rateFound }),
    scriptOf: (scenario) => join(projectRoot, 'scenarios', `${scenario}.ts`),
  });
}

function versionsOf(kafka: string | undefined): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return { gauntlet: manifest.version, node: process.version, ...(kafka !== undefined && { kafka }) };
}
