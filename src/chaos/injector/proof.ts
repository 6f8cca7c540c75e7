/** Watches probes and platform until the fault is proven, the time is over, or the run is ended. */
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import type { Evidence, Fault, FaultPlan, Proof } from '../fault.ts';
import { before, type Snapshot, takeSnapshot, view } from '../observation.ts';
import type { FaultRequest } from './fault-request.ts';

const POLL_MS = ms(50);

export async function prove(
  fault: Fault,
  plan: FaultPlan,
  request: Pick<FaultRequest, 'world' | 'feed'>,
  options: {
    readonly appliedAt: EpochMs;
    readonly baselineFrom: EpochMs;
    /** The platform's answers from before the act. */
    readonly snapshotsBefore: readonly Snapshot[];
    readonly timeoutMs: Ms;
    readonly ended: AbortSignal;
  },
): Promise<Proof> {
  const { world, feed } = request;
  const { appliedAt, ended } = options;
  const expectation = fault.expect(plan);
  const snapshots: Snapshot[] = [];
  // From the end of the act: a platform may need seconds to execute one.
  const until = Math.max(appliedAt, world.clock.now()) + options.timeoutMs;
  for (;;) {
    if (expectation.observe.length > 0) snapshots.push(await takeSnapshot(world, expectation.observe));
    const evidence: Evidence = {
      appliedAt,
      baseline: before(view(feed, plan.probes, options.baselineFrom), appliedAt),
      since: view(feed, plan.probes, appliedAt),
      snapshotsBefore: options.snapshotsBefore,
      snapshots,
    };
    const proof = expectation.judge(evidence);
    if (proof.kind === 'seen' || ended.aborted || world.clock.now() >= until) return proof;
    await world.clock.sleep(POLL_MS, ended).catch(() => undefined);
  }
}
