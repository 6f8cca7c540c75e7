/**
 * The steps before a run may touch anything: read and check the files, make the plan, ask the guards. Also
 * everything that a dry run does.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../chaos/world.ts';
import type { Campaign } from '../config/read-campaign.ts';
import type { TargetFile } from '../config/read-target.ts';
import { IN_CLUSTER } from '../core/acts/kubernetes-handle.ts';
import { readAll } from '../core/errors.ts';
import type { HistoryPlan } from '../core/gate-history.ts';
import type { Plan } from '../core/plan.ts';
import type { RateFound } from '../core/rate-search.ts';
import { seededRng } from '../core/rng.ts';
import { sayAuth } from '../core/target-auth.ts';
import { namesOfAsks } from '../protocols/names.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { projectRoot } from '../system/project.ts';
import { withAudit } from './audit/plan-audit.ts';
import { type Readings, readCampaign } from './files/read-campaign.ts';
import { readScenarios } from './files/read-scenarios.ts';
import { readScripts } from './files/read-scripts.ts';
import { scenarioNames } from './files/scenario-names.ts';
import { historyNotes } from './gate/history-notes.ts';
import { checkConsent } from './open/consent.ts';
import type { DryRun } from './open/dry-run.ts';
import { findNamed, namedTarget, newRunId } from './open/names.ts';
import { isSandboxUp, openRunningTarget, peekTopology } from './open/open-target.ts';
import type { OpenTarget } from './open/opened.ts';
import { protectionNotes } from './open/protection-text.ts';
import { systemOf } from './open/system-of.ts';
import { requireCapacity, requireOwnFiles } from './plan/check-limits.ts';
import { resolvePlan } from './plan/resolve-plan.ts';
import type { RunWatchers } from './story/request.ts';

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
  /** Called once, with the plan, before the target is touched. Rejects to refuse. */
  confirm(plan: Plan, target: TargetFile): Promise<void>;
}

export interface PreparedRun {
  readonly campaign: Campaign;
  readonly target: TargetFile;
  readonly id: string;
  /** What the run is compared with; absent: nothing. */
  readonly history?: HistoryPlan;
  /** What is tested: commit or image digest by service; absent: nobody told it. */
  readonly subject?: Plan['subject'];
}

export type Read = Pick<RunCommandRequest, 'campaign' | 'target' | 'seed' | 'places' | 'env' | 'progress'>;

/**
 * Reads and checks the files; starts nothing but k6, which says what the scripts are.
 * @throws usage with every problem; unavailable without k6.
 */
export async function prepare(request: Read): Promise<PreparedRun> {
  requireOwnFiles();
  const { target: asked } = request;
  const readings = await readingsOf(request);
  const [{ file, campaign }, named] = readAll<[{ file: string; campaign: Campaign }, TargetFile | null]>([
    () => {
      const file = findNamed('campaign', request.campaign);
      return { file, campaign: readCampaign(file, readings) };
    },
    () => (asked === undefined ? null : namedTarget(asked)),
  ]);
  const target = named ?? namedTarget(campaign.target, { file, place: campaign.targetPlace });
  return { campaign, target, id: newRunId(campaign.name, new Date(), request.seed) };
}

/** A campaign alone, as {@link prepare} reads it. @throws as it does. */
export const readNamedCampaign = async (request: Omit<Read, 'seed'>): Promise<Campaign> =>
  readCampaign(findNamed('campaign', request.campaign), await readingsOf(request));

/** What k6 says about the scripts of the campaign. A name that is no campaign is reported later. */
async function readingsOf({ campaign, target, ...tools }: Omit<Read, 'seed'>): Promise<Readings> {
  let file: string;
  try {
    file = findNamed('campaign', campaign);
  } catch {
    return { names: [], scenarios: new Map(), scripts: new Map() };
  }
  const system = systemOf(file, target);
  return {
    names: scenarioNames(file, system.name),
    scenarios: await readScenarios(file, system, tools),
    scripts: await readScripts(file, tools),
    asks: namesOfAsks(system),
    system,
  };
}

export type Asked = Pick<
  RunCommandRequest,
  'campaign' | 'target' | 'seed' | 'scale' | 'places' | 'env' | 'progress'
>;

/**
 * The plan without touching anything: addresses and victims only where they are known without starting
 * anything.
 */
export const dryRun = async (request: Asked): Promise<DryRun> =>
  await askGuards(await prepare(request), request, false);

/**
 * Plans, and asks all guards; locks nothing.
 * @param consentOnly leaves out the checks of the target's current state: an earlier run may have left it
 * broken, and that is undone first.
 * @throws usage, refused.
 */
export async function askGuards(
  prepared: PreparedRun,
  request: Pick<Asked, 'seed' | 'scale' | 'places'>,
  consentOnly: boolean,
): Promise<DryRun> {
  const { target } = prepared;
  const plan = planOf(prepared, await peekTopology(target, request.places), request, {});
  const faults = await guarded(plan, target, request, consentOnly);
  // Checked last: how much this machine can send does not matter where it may not send at all.
  requireCapacity(plan.load);
  return { plan, target, faults };
}

/** The guards of a plan, asked of its target where that is up. @throws usage, refused. */
export async function guarded(
  plan: Plan,
  target: TargetFile,
  { places, seed }: Pick<Asked, 'places' | 'seed'>,
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

export const worldOf = (opened: OpenTarget, seed: number): World => ({
  platform: opened.platform,
  clock: monotonicClock,
  rng: seededRng(seed),
  timers: opened.timers,
});

export function planOf(
  prepared: PreparedRun,
  topology: Awaited<ReturnType<typeof peekTopology>>,
  request: Pick<RunCommandRequest, 'seed' | 'scale'>,
  versions: Readonly<Record<string, string>>,
  rateFound?: RateFound,
): Plan {
  const resolved = resolvePlan({
    campaign: prepared.campaign,
    topology,
    target: prepared.target.name,
    id: prepared.id,
    seed: request.seed,
    scale: request.scale,
    versions,
    ...(prepared.subject && { subject: prepared.subject }),
    ...(prepared.target.registries && { registries: prepared.target.registries }),
    ...(prepared.target.environment && { environment: prepared.target.environment }),
    ...(rateFound && { rateFound }),
  });
  const { history, target } = prepared;
  const plan = withAudit(resolved, prepared.campaign, target);
  const notes = [
    ...(plan.notes ?? []),
    ...protectionNotes(target.policy),
    ...identityNotes(target),
    ...(history === undefined ? [] : historyNotes(history)),
  ];
  return { ...plan, ...(history && { history }), ...(notes.length > 0 && { notes }) };
}

/** Whose rights and whose token a run uses, where no name in the target file says it. */
const identityNotes = ({ kubernetes, auth }: TargetFile): readonly string[] => [
  ...(kubernetes?.context === IN_CLUSTER
    ? [`acts with the account of the pod that this process runs in (context ${IN_CLUSTER})`]
    : []),
  ...(auth?.kind === 'client-credentials' ? [`token: ${sayAuth(auth)}`] : []),
];

export function versionsOf(kafka: string | undefined): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return { gauntlet: manifest.version, node: process.version, ...(kafka !== undefined && { kafka }) };
}
