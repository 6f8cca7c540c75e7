/**
 * Removes a fault and proves it: the state is as before and a fresh connection is good again. Never throws
 * and never gives up early; a removal that cannot be proven in time is residue.
 */
import { messageOf } from '../../core/errors.ts';
import type { Receipt } from '../../core/result.ts';
import type { ProbeFeed, ProbeSample } from '../../core/samples.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import type { Fault, FaultPlan, RemovalState } from '../fault.ts';
import { type ProbeView, say, sayLast, view } from '../observation.ts';
import type { World } from '../world.ts';
import { tellWaiting } from './tell-waiting.ts';

export interface RemovalRequest {
  readonly fault: Fault;
  readonly plan: FaultPlan;
  readonly world: World;
  readonly feed: ProbeFeed;
  readonly baseline: ProbeView;
  /** The last instant at which the fault was certainly in place. */
  readonly notBefore: EpochMs;
  readonly timeoutMs: Ms;
  /** Receives every 10 s what the removal still waits for. */
  readonly tell?: (text: string) => void;
}

export type Removal =
  | {
      readonly kind: 'removed';
      readonly at: EpochMs;
      /** The first good probe answer on a fresh connection; null when no probe watches. */
      readonly firstGood: EpochMs | null;
      readonly receipt: Receipt;
    }
  | { readonly kind: 'residue'; readonly receipt: Receipt };

const POLL_MS = ms(50);

export async function takeAway(request: RemovalRequest): Promise<Removal> {
  const { world } = request;
  const started = world.clock.now();
  const until = started + request.timeoutMs;
  const waiting = tellWaiting(world.clock, `${request.fault.name} to be removed`, request.tell);
  let goneSince: EpochMs | undefined;
  for (;;) {
    const state = await undoOnce(request);
    if (!state.gone) goneSince = undefined;
    else goneSince ??= state.at ?? state.doneAt;
    let evidence = state.evidence;
    if (goneSince !== undefined) {
      const good = firstGood(request, goneSince);
      if (good !== undefined) return removed(request, started, state, goneSince, good.answeredAt);
      evidence = `${evidence}, but no good answer on a fresh connection since`;
    }
    if (world.clock.now() >= until) {
      const boundMs = world.clock.now() - started;
      return { kind: 'residue', receipt: { ...lastWords(request, started), boundMs, evidence } };
    }
    waiting(evidence);
    await world.clock.sleep(POLL_MS);
  }
}

interface Undone extends RemovalState {
  /** When the undo had returned. */
  readonly doneAt: EpochMs;
}

async function undoOnce({ fault, plan, world }: RemovalRequest): Promise<Undone> {
  if (plan.undo === null) return { gone: true, evidence: 'nothing was changed', doneAt: world.clock.now() };
  let step = 'undo failed';
  try {
    await fault.undo(plan.undo, world);
    const doneAt = world.clock.now();
    step = 'the state cannot be read';
    return { ...(await fault.removed(plan.undo, world)), doneAt };
  } catch (error) {
    return { gone: false, evidence: `${step}: ${messageOf(error)}`, doneAt: world.clock.now() };
  }
}

/**
 * The first answer, per probe, to a question after the fault was gone; undefined until every probe has one.
 */
function firstGood(
  { fault, plan, feed, baseline }: RemovalRequest,
  goneSince: EpochMs,
): { readonly answeredAt: EpochMs | null } | undefined {
  // What was never changed cannot remain.
  if (plan.undo === null) return { answeredAt: null };
  const isOver = fault.expect(plan).isOver ?? ((sample: ProbeSample) => sample.ok);
  const answers = plan.probes.map((probe) =>
    feed.since(probe, 'fresh', goneSince).find((sample) => isOver(sample, baseline)),
  );
  if (answers.some((one) => one === undefined)) return undefined;
  const times = answers.flatMap((one) => (one === undefined ? [] : [one.at + one.tookMs]));
  return { answeredAt: times.length === 0 ? null : epochMs(Math.max(...times)) };
}

function removed(
  request: RemovalRequest,
  started: EpochMs,
  state: Undone,
  goneSince: EpochMs,
  firstGoodAt: EpochMs | null,
): Removal {
  const at = epochMs(Math.max(goneSince, firstGoodAt ?? goneSince));
  // The platform's own stamp is exact; without one the end is between the last snapshot and now.
  const boundMs = at - ((state.at ?? Math.min(request.notBefore, at)) - (state.boundMs ?? 0));
  const receipt: Receipt = { ...lastWords(request, started), boundMs, evidence: state.evidence };
  return { kind: 'removed', at, firstGood: firstGoodAt, receipt };
}

/** The current state of each connection. A held one may still lag, which is recovery and not removal. */
function lastWords(
  { plan, feed }: RemovalRequest,
  started: EpochMs,
): { readonly held: string; readonly fresh: string } {
  if (plan.probes.length === 0) return { held: 'no probe', fresh: 'no probe' };
  const seen = view(feed, plan.probes, started);
  const fresh = seen.fresh.filter((one) => one.ok).at(-1);
  return { held: sayLast(seen.held), fresh: fresh === undefined ? sayLast(seen.fresh) : say(fresh) };
}
