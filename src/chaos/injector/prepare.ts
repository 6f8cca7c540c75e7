/**
 * The last step before the act: choose the victim, check that its probes are good on both connections, ask
 * the guards, and check that the victim is still the same afterwards.
 */
import { messageOf } from '../../core/errors.ts';
import { seededRng } from '../../core/rng.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import type { Fault, FaultPlan } from '../fault.ts';
import { checkGuards } from '../guards/policy.ts';
import { type ProbeView, type Snapshot, sayLast, takeSnapshot, view } from '../observation.ts';
import { type FaultRequest, lastsMs } from './fault-request.ts';
import type { Unfit } from './group-end.ts';
import { inStep } from './peers.ts';
import { planNow } from './plan-now.ts';

export interface Prepared {
  readonly plannedAt: EpochMs;
  readonly plan: FaultPlan;
  /** Null: no objection to the act. Otherwise why it must not begin. */
  readonly unfit: Unfit | null;
  readonly baselineFrom: EpochMs;
  readonly snapshots: readonly Snapshot[];
}

const BASELINE_MS = ms(1000);
const BASELINE_TIMEOUT_MS = ms(15_000);
const POLL_MS = ms(100);
/** Fewer samples would give no median. */
const MIN_SAMPLES = 3;
/** A leader that moves this often during the checks is no target for a measurement. */
const MAX_MOVES = 3;

/**
 * @throws refused by a guard or for a missing act, usage for a victim that does not exist; the target is not
 * touched then.
 */
export async function prepare(fault: Fault, request: FaultRequest): Promise<Prepared> {
  const { world, policy } = request;
  // The same draw each time: only a change of the target may change the victim.
  const seed = world.rng.below(2 ** 31);
  const draw = (): Promise<FaultPlan> =>
    planNow(fault, request.planned.spec, { ...world, rng: seededRng(seed) });
  const lasts = lastsMs(request.planned, request.removalTimeoutMs);
  let plan = await draw();
  for (let move = 1; ; move += 1) {
    const plannedAt = world.clock.now();
    await checkGuards(plan, policy, world, lasts);
    request.report({
      kind: 'fault-planned',
      fault: request.planned.name,
      victims: plan.victims,
      timers: plan.timers,
    });
    const base = await baseline(fault, plan, request);
    const prepared = { plannedAt, baselineFrom: base.from, snapshots: base.snapshots };
    if (base.unfit !== null) return { ...prepared, plan, unfit: { why: base.unfit, endedBy: null } };
    const again = await draw();
    if (sameTarget(plan, again)) {
      await checkGuards(again, policy, world, lasts);
      if (request.peers === undefined) return { ...prepared, plan: again, unfit: null };
      const ready = {
        plan: again,
        planAgain: draw,
        isSame: sameTarget,
        notGood: () => badNow(again, request),
      };
      return { ...prepared, ...(await inStep(request.peers, ready)) };
    }
    if (move === MAX_MOVES) {
      return {
        ...prepared,
        plan: again,
        unfit: { why: `the victim changed ${MAX_MOVES} times while it was watched`, endedBy: null },
      };
    }
    plan = again;
  }
}

const sameTarget = (a: FaultPlan, b: FaultPlan): boolean =>
  JSON.stringify([a.victims, a.touches, a.probes]) === JSON.stringify([b.victims, b.touches, b.probes]);

interface Baseline {
  readonly unfit: string | null;
  readonly from: EpochMs;
  readonly snapshots: readonly Snapshot[];
}

/** Watches until both connections were good for the whole of the last `baselineMs`. */
async function baseline(fault: Fault, plan: FaultPlan, request: FaultRequest): Promise<Baseline> {
  const { world, feed, signal } = request;
  const started = world.clock.now();
  const wanted = fault.expect(plan).observe;
  const snapshots = [await takeSnapshot(world, wanted)];
  const watching = { done: plan.probes.length === 0, failed: null as string | null };
  if (!watching.done) {
    // Not awaited: a dependency that never answers must not block the run.
    feed.watch(plan.probes).then(
      () => {
        watching.done = true;
      },
      (error: unknown) => {
        watching.failed = messageOf(error);
      },
    );
  }
  const span = spanOf(plan, request);
  const until = started + Math.max(request.baselineTimeoutMs ?? BASELINE_TIMEOUT_MS, 2 * span);
  for (;;) {
    const from = epochMs(Math.max(started, world.clock.now() - span));
    const seen = view(feed, plan.probes, from);
    const isLongEnough = world.clock.now() - started >= span;
    if (isLongEnough && watching.done && (plan.probes.length === 0 || isGood(seen, plan.probes))) {
      snapshots.push(await takeSnapshot(world, wanted));
      return { unfit: null, from, snapshots };
    }
    if (watching.failed !== null) {
      return { unfit: `${plan.probes.join(', ')} cannot be watched: ${watching.failed}`, from, snapshots };
    }
    if (signal.aborted) return { unfit: 'interrupted before the act', from, snapshots };
    if (world.clock.now() >= until) return { unfit: notGood(seen, plan.probes, span), from, snapshots };
    await world.clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}

/** Samples of the interval before now, as long as the one that had to be good. */
function badNow(plan: FaultPlan, request: FaultRequest): string | null {
  const span = spanOf(plan, request);
  const seen = view(request.feed, plan.probes, epochMs(request.world.clock.now() - span));
  return plan.probes.length === 0 || isGood(seen, plan.probes) ? null : notGood(seen, plan.probes, span);
}

/** Long enough for the samples that are needed of the probe that asks least often. */
function spanOf({ probes }: FaultPlan, { feed, baselineMs = BASELINE_MS }: FaultRequest): Ms {
  const intervals = probes.map((probe) => feed.everyMs?.(probe) ?? 0);
  return ms(Math.max(baselineMs, ...intervals.map((every) => (MIN_SAMPLES + 1) * every)));
}

function isGood(seen: ProbeView, probes: readonly string[]): boolean {
  return [seen.held, seen.fresh].every(
    (samples) =>
      samples.every((one) => one.ok) &&
      probes.every((probe) => samples.filter((one) => one.probe === probe).length >= MIN_SAMPLES),
  );
}

const notGood = (seen: ProbeView, probes: readonly string[], span: Ms): string =>
  `${probes.join(', ')} was not good for ${span} ms before the act: held ${sayLast(seen.held)}, ` +
  `fresh ${sayLast(seen.fresh)}`;
