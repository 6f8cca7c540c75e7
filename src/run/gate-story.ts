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
import { GauntletError, usageError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import { requireParts } from '../system/toolchain/parts.ts';
import { refuseTaken } from './evidence/run-directory.ts';
import { gateRule } from './gate/gate-rule.ts';
import { loadProblems } from './open/load-consent.ts';
import { openTarget, peekTopology, targetIdentity } from './open/open-target.ts';
import type { OpenTarget } from './open/opened.ts';
import { secretsOf } from './open/secrets.ts';
import { requireCapacity } from './plan/check-limits.ts';
import { addressesOf } from './plan/gate-addresses.ts';
import { planGate } from './plan/plan-gate.ts';
import type { PreparedRun } from './prepare.ts';
import { planOf, prepare, type RunCommandRequest, versionsOf } from './prepare.ts';
import { recoverOwn, sayRecovered } from './recover/leftovers.ts';
import { smokeContracts } from './story/contract-smoke.ts';
import { type RunOutcome, runCampaign } from './story.ts';

export interface GateRequest extends Omit<RunCommandRequest, 'target' | 'confirm'> {
  readonly baseline: string;
  readonly candidate: string;
  /** Over the `gate:` block of the campaign. */
  readonly flags: GateFlags;
  confirm(plan: Plan, targets: readonly TargetFile[]): Promise<void>;
}

interface Side {
  readonly prepared: PreparedRun;
  readonly identity: string;
}

/** The plan of a gate, touching nothing. @throws usage, refused. */
export async function gateDryRun(request: GateRequest): Promise<Plan> {
  return await planFor(await sidesOf(request), request);
}

/** @throws as {@link runCampaign}; usage and refused before anything is touched. */
export async function gateStory(request: GateRequest): Promise<RunOutcome> {
  const { places, env, signal, progress } = request;
  const sides = await sidesOf(request);
  const { campaign, id } = sides.candidate.prepared;
  const both = [sides.baseline, sides.candidate];
  const runDir = request.out ?? resolve('reports', id);
  refuseTaken(runDir);
  const secrets = secretsOf(sides.candidate.prepared.target, env);
  const planned = await planFor(sides, request);
  await request.confirm(
    planned,
    both.map((one) => one.prepared.target),
  );
  signal.throwIfAborted();
  const closers: (() => Promise<void> | void)[] = [];
  try {
    // In one order whoever starts: two gates over the same two targets never wait for each other.
    for (const { identity } of [...both].sort((a, b) => (a.identity < b.identity ? -1 : 1))) {
      closers.push(lockTarget(places, identity, `gate ${campaign.name} (${id})`));
      sayRecovered(await recoverOwn(identity, places, progress), progress);
    }
    const onSandbox = both.some((one) => one.prepared.target.platform === 'sandbox');
    const parts = onSandbox ? (['k6', 'redis', 'java', 'kafka'] as const) : (['k6'] as const);
    const tools = await requireParts(parts, { places, env, progress });
    const opened: OpenTarget[] = [];
    for (const { prepared } of both) {
      const purpose = `gate ${campaign.name}`;
      const recovered = (left: Parameters<typeof sayRecovered>[0]): void => sayRecovered(left, progress);
      const one = await openTarget(prepared.target, { places, tools, signal, progress, purpose, recovered });
      closers.push(() => one.close());
      opened.push(one);
    }
    const [baseline, candidate] = opened;
    if (baseline === undefined || candidate === undefined) throw new Error('two targets were opened');
    const plan = planGate({
      baseline: planOf(sides.baseline.prepared, baseline.platform.topology, request, {}),
      candidate: planOf(
        sides.candidate.prepared,
        candidate.platform.topology,
        request,
        versionsOf(tools.kafka?.version),
      ),
      ...gateRule(campaign, request.flags),
      warmupMs: campaign.warmupMs,
      addresses: {
        baseline: addressesOf(baseline.platform.topology),
        candidate: addressesOf(candidate.platform.topology),
      },
    });
    requireCapacity(plan.load);
    await smokeContracts(
      { ...plan, id: `${id}-baseline` },
      baseline.platform.topology,
      secrets['GATEWAY_TOKEN'],
    );
    const lost = opened.flatMap((one) => one.lost ?? []);
    const input = await runCampaign({
      ...{ plan, runDir, tools, places, secrets },
      platform: candidate.platform,
      sides: { baseline: baseline.platform, candidate: candidate.platform },
      probeTopology: candidate.probeTopology,
      timers: candidate.timers,
      policy: sides.candidate.prepared.target.policy,
      clock: monotonicClock,
      signal: AbortSignal.any([signal, ...lost]),
      watchers: request.watchers,
    });
    return { input, runDir };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function sidesOf(request: GateRequest): Promise<{ readonly baseline: Side; readonly candidate: Side }> {
  const side = async (target: string): Promise<Side> => {
    const prepared = prepare({ campaign: request.campaign, target, seed: request.seed });
    return { prepared, identity: await targetIdentity(prepared.target, request.places) };
  };
  const [baseline, candidate] = [await side(request.baseline), await side(request.candidate)];
  if (baseline.identity === candidate.identity)
    throw usageError({
      subject: '--candidate',
      expected: 'another target than the baseline',
      got: `${candidate.prepared.target.name}, which is the same (${candidate.identity})`,
      next: 'Compare two services, namespaces or sandboxes that are up side by side; gauntlet gate --aa measures the noise of one.',
    });
  return { baseline, candidate };
}

async function planFor(
  { baseline, candidate }: Awaited<ReturnType<typeof sidesOf>>,
  request: GateRequest,
): Promise<Plan> {
  const plan = async ({ prepared }: Side): Promise<Plan> =>
    planOf(prepared, await peekTopology(prepared.target, request.places), request, {});
  const plans = { baseline: await plan(baseline), candidate: await plan(candidate) };
  const joined = planGate({
    ...plans,
    ...gateRule(candidate.prepared.campaign, request.flags),
    warmupMs: candidate.prepared.campaign.warmupMs,
  });
  // Each side gets its own load, never both at once: asked for each, over the length of the whole.
  const wall = monotonicClock.wall();
  const problems = [
    ...loadProblems({ ...plans.baseline, longestMs: joined.longestMs }, baseline.prepared.target, wall),
    ...loadProblems({ ...plans.candidate, longestMs: joined.longestMs }, candidate.prepared.target, wall),
  ];
  if (problems.length > 0) throw new GauntletError('refused', problems);
  requireCapacity(joined.load);
  return joined;
}
