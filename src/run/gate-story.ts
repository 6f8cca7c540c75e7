/**
 * `gauntlet gate` without its terminal: the campaign is planned for both sides, their guards are asked, a
 * person agrees, both targets are locked and opened, and one generator sends alternating blocks to them.
 * There is no mode in which one side runs first and the other later: under drift any test of that fails equal
 * versions.
 */
import { resolve } from 'node:path';
import { lockTarget } from '../chaos/guards/target-lock.ts';
import type { GateFlags } from '../config/gate-flags.ts';
import type { TargetFile } from '../config/read-target.ts';
import { messageOf, readAll, usageError } from '../core/errors.ts';
import type { GateAttempt, GateResult } from '../core/gate.ts';
import type { Plan } from '../core/plan.ts';
import { type Ms, ms } from '../core/units.ts';
import type { ReportInput } from '../report/input.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import { requireParts } from '../system/toolchain/parts.ts';
import { refuseTaken } from './evidence/run-directory.ts';
import { attemptBegun, attemptEnded, type GateQuestion, nextAttempt } from './gate/attempts.ts';
import { atAttempt, type GateAsked, gateRule } from './gate/gate-rule.ts';
import { loadAlone } from './gate/load-alone.ts';
import { withNoiseNotes } from './gate/noise-notes.ts';
import { noiseOf, storeNoise } from './gate/noise-store.ts';
import {
  askBoth,
  askBothOpen,
  type BothSides,
  firstRound,
  type SidePlan,
  type VictimsNow,
} from './gate-consent.ts';
import { openTarget, peekTopology, targetIdentity } from './open/open-target.ts';
import type { OpenTarget } from './open/opened.ts';
import { openToken, requireOneToken } from './open/run-token.ts';
import { checkSecrets } from './open/secrets.ts';
import { partsForTarget } from './open/target-parts.ts';
import { requireCapacity } from './plan/check-limits.ts';
import { extraRemovalMs } from './plan/fault-times.ts';
import { addressesOf } from './plan/gate-addresses.ts';
import { planGate } from './plan/plan-gate.ts';
import type { PreparedRun } from './prepare.ts';
import { planOf, prepare, type RunCommandRequest, versionsOf } from './prepare.ts';
import { recoverOwn, sayRecovered } from './recover/leftovers.ts';
import { smokeContracts } from './story/contract-smoke.ts';
import type { RunRequest } from './story/request.ts';
import type { SideTarget } from './story/run-side.ts';
import { type RunOutcome, runCampaign } from './story.ts';
import { assembleRun } from './verdict/assemble.ts';

export interface GateRequest extends Omit<RunCommandRequest, 'target' | 'confirm'> {
  /** Both sides are one target, whose noise is measured: A/A. */
  readonly aa: boolean;
  readonly baseline: string;
  readonly candidate: string;
  /** Over the `gate:` block of the campaign. */
  readonly flags: GateFlags;
  /** What is up at the candidate, such as a commit: another one starts a count of attempts anew. */
  readonly candidateVersion?: string;
  /** Part of a night: its blocks alone, and no attempt of a candidate, since the next night asks anew. */
  readonly isOfNight?: true;
  /** Called once for each target, with its plan, before anything is touched. Rejects to refuse. */
  confirm(plan: Plan, target: TargetFile): Promise<void>;
}

interface Side {
  readonly prepared: PreparedRun;
  readonly identity: string;
}

export interface GateDryRun {
  readonly plan: Plan;
  readonly victims: VictimsNow;
  /** The campaign on each target by itself. */
  readonly asked: BothSides<SidePlan>;
}

/** The plan of a gate, touching nothing. @throws usage, refused. */
export async function gateDryRun(request: GateRequest): Promise<GateDryRun> {
  return await planFor(await sidesOf(request), request, false);
}

/** @throws as {@link runCampaign}; usage and refused before anything is touched. */
export async function gateStory(request: GateRequest): Promise<RunOutcome> {
  const { places, env, signal, progress } = request;
  const sides = await sidesOf(request);
  const { campaign, id } = sides.candidate.prepared;
  // The sides of an A/A gate are one target: asked, locked and opened once.
  const both = request.aa ? [sides.candidate] : [sides.baseline, sides.candidate];
  const runDir = request.out ?? resolve('reports', id);
  refuseTaken(runDir);
  const { target: authorized } = sides.candidate.prepared;
  requireOneToken(sides.baseline.prepared.target, authorized);
  checkSecrets(authorized, env);
  const { asked } = await planFor(sides, request, true);
  const agreed = request.aa ? [asked.candidate] : [asked.baseline, asked.candidate];
  for (const { plan, target } of agreed) await request.confirm(plan, target);
  signal.throwIfAborted();
  const closers: (() => Promise<void> | void)[] = [];
  try {
    // In one order whoever starts: two gates over the same two targets never wait for each other.
    for (const { identity } of [...both].sort((a, b) => (a.identity < b.identity ? -1 : 1))) {
      closers.push(lockTarget(places, identity, `gate ${campaign.name} (${id})`));
      sayRecovered(await recoverOwn(identity, places, progress), progress);
    }
    const token = await openToken(authorized, env, signal);
    closers.push(() => token.close());
    const parts = new Set(both.flatMap((one) => partsForTarget(one.prepared.target)));
    const tools = await requireParts([...parts], { places, env, progress });
    const opened: OpenTarget[] = [];
    for (const { prepared } of both) {
      const purpose = `gate ${campaign.name}`;
      const recovered = (left: Parameters<typeof sayRecovered>[0]): void => sayRecovered(left, progress);
      const one = await openTarget(prepared.target, { places, tools, signal, progress, purpose, recovered });
      closers.push(() => one.close());
      opened.push(one);
    }
    const [baseline, candidate] = [opened[0], opened.at(-1)];
    if (baseline === undefined || candidate === undefined) throw new Error('two targets were opened');
    const versions = versionsOf(tools.kafka?.version);
    const own = {
      baseline: planOf(sides.baseline.prepared, baseline.platform.topology, request, {}),
      candidate: planOf(sides.candidate.prepared, candidate.platform.topology, request, versions),
    };
    const joined = planGate({
      ...own,
      ...askedOf(sides, request),
      knowsReplicas: knowsReplicas(sides),
      warmupMs: campaign.warmupMs,
      removalMs: removalMsOf(both),
      addresses: {
        baseline: addressesOf(baseline.platform.topology),
        candidate: addressesOf(candidate.platform.topology),
      },
      aa: request.aa,
    });
    const identities = both.map((one) => one.identity);
    const plan = withNoiseNotes(joined, identities, places);
    requireCapacity(plan.load);
    const targets = { baseline: sides.baseline.prepared.target, candidate: sides.candidate.prepared.target };
    const open = {
      baseline: { target: targets.baseline, plan: own.baseline, opened: baseline },
      candidate: { target: targets.candidate, plan: own.candidate, opened: candidate },
    };
    await askBothOpen(open, plan, request.seed);
    signal.throwIfAborted();
    const { topology } = baseline.platform;
    await smokeContracts({ ...plan, id: `${id}-baseline` }, topology, token.current());
    const lost = opened.flatMap((one) => one.lost ?? []);
    const run: RunRequest = {
      ...{ plan, runDir, tools, places, token, secrets: {} },
      ...sideTarget(candidate, targets.candidate),
      sides: { baseline: baseline.platform, candidate: candidate.platform },
      ...(plan.gate?.recovery && { baseline: sideTarget(baseline, targets.baseline) }),
      clock: monotonicClock,
      signal: AbortSignal.any([signal, ...lost]),
      watchers: request.watchers,
    };
    const input = isCounted(sides, request)
      ? await counted(questionAsked(sides, request), run, runCampaign)
      : await runCampaign(run);
    keepNoise(input, both, request);
    return { input, runDir };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

type Sides = Awaited<ReturnType<typeof sidesOf>>;

const questionAsked = ({ baseline, candidate }: Sides, request: GateRequest): GateQuestion => ({
  campaign: candidate.prepared.campaign.name,
  ...{ baseline: baseline.identity, candidate: candidate.identity },
  version: request.candidateVersion ?? null,
});

const knowsReplicas = ({ baseline, candidate }: Sides): boolean =>
  [baseline, candidate].every((one) => one.prepared.target.platform !== 'none');

/** What is asked of this gate, at the level that earlier attempts have left. */
function askedOf(sides: Sides, request: GateRequest): GateAsked & { readonly attempt?: GateAttempt } {
  const asked = gateRule(sides.candidate.prepared.campaign, request.flags);
  if (!isCounted(sides, request)) return asked;
  return atAttempt(asked, nextAttempt(request.places, questionAsked(sides, request), asked.rule.alpha));
}

/** On one target nothing passes or fails, however often it is asked: the noise is measured. */
const isCounted = ({ baseline, candidate }: Sides, { isOfNight }: GateRequest): boolean =>
  baseline.identity !== candidate.identity && !isOfNight;

/** Runs it as an attempt, which is on the disk before any load; both targets are locked. */
async function counted(
  question: GateQuestion,
  request: RunRequest,
  run: (request: RunRequest) => Promise<ReportInput>,
): Promise<ReportInput> {
  const { places, plan, runDir, signal } = request;
  attemptBegun(places, plan.id, question);
  try {
    return await run(request);
  } finally {
    const firstLook = plan.gate?.looks[0] ?? 0;
    attemptEnded(places, plan.id, question, {
      result: measuredIn(runDir),
      wasStopped: signal.aborted,
      firstLook,
    });
  }
}

/** Whatever became of the run: its folder says what was measured. Undefined: not even that is known. */
function measuredIn(runDir: string): GateResult | undefined {
  try {
    return assembleRun(runDir).result.gate;
  } catch {
    return undefined;
  }
}

async function sidesOf(request: GateRequest): Promise<{ readonly baseline: Side; readonly candidate: Side }> {
  const read = async (target: string): Promise<() => PreparedRun> => {
    const [one] = await Promise.allSettled([prepare({ ...request, target })]);
    return () => {
      if (one.status === 'rejected') throw one.reason;
      return request.isOfNight ? { ...one.value, campaign: loadAlone(one.value.campaign) } : one.value;
    };
  };
  const both = readAll<[PreparedRun, PreparedRun]>([
    await read(request.baseline),
    await read(request.candidate),
  ]);
  const side = async (prepared: PreparedRun): Promise<Side> => ({
    prepared,
    identity: await targetIdentity(prepared.target, request.places),
  });
  const [baseline, candidate] = [await side(both[0]), await side(both[1])];
  if (!request.aa && baseline.identity === candidate.identity)
    throw usageError({
      subject: '--candidate',
      expected: 'another target than the baseline',
      got: `${candidate.prepared.target.name}, which is the same (${candidate.identity})`,
      next: 'Compare two services, namespaces or sandboxes that are up side by side; gauntlet gate --aa --target measures the noise of one.',
    });
  return { baseline, candidate };
}

async function planFor(
  { baseline, candidate }: Sides,
  request: GateRequest,
  consentOnly: boolean,
): Promise<GateDryRun> {
  const ofSide = async ({ prepared }: Side): Promise<Plan> =>
    planOf(prepared, await peekTopology(prepared.target, request.places), request, {});
  const plans = { baseline: await ofSide(baseline), candidate: await ofSide(candidate) };
  const joined = planGate({
    ...plans,
    ...askedOf({ baseline, candidate }, request),
    knowsReplicas: knowsReplicas({ baseline, candidate }),
    warmupMs: candidate.prepared.campaign.warmupMs,
    aa: request.aa,
    removalMs: removalMsOf([baseline, candidate]),
  });
  const once = (own: Plan): Plan => ({ ...own, faults: joined.faults.length > 0 ? firstRound(own) : [] });
  const asked = {
    baseline: { target: baseline.prepared.target, plan: once(plans.baseline) },
    candidate: { target: candidate.prepared.target, plan: once(plans.candidate) },
  };
  const victims = await askBoth(asked, joined, request, consentOnly);
  requireCapacity(joined.load);
  const plan = withNoiseNotes(joined, [baseline.identity, candidate.identity], request.places);
  return { plan, victims, asked };
}

/** What this gate has seen of the noise of its place, for those to come; its own answer stands without it. */
function keepNoise({ plan, result }: ReportInput, sides: readonly Side[], request: GateRequest): void {
  if (plan.gate === undefined || result.gate === undefined) return;
  // Evidence that does not hold, or an end in the middle, may stand beside an answer of the pairs.
  if (result.verdict.status !== result.gate.status) return;
  const targets = sides.map(({ prepared, identity }) => ({ name: prepared.target.name, identity }));
  const { id, campaign, endedAt } = result.run;
  const record = noiseOf({ id, campaign, endedAt, plan: plan.gate, result: result.gate, targets });
  if (record === null) return;
  try {
    request.progress(`noise of this place kept in ${storeNoise(request.places, record)}`);
  } catch (error) {
    request.progress(`the noise of this place could not be kept: ${messageOf(error)}`);
  }
}

const sideTarget = ({ platform, probeTopology, timers }: OpenTarget, { policy }: TargetFile): SideTarget => ({
  platform,
  probeTopology,
  timers,
  policy,
});

const removalMsOf = (sides: readonly Side[]): Ms =>
  ms(Math.max(...sides.map(({ prepared }) => extraRemovalMs(prepared.target.platform))));
