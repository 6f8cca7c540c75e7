/** Watches probes and platform until the fault is seen, the time is over, or the run is ended. */
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import type { Evidence, Fault, FaultPlan, Proof } from '../fault.ts';
import { before, type Look, look, view } from '../sight.ts';
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
    readonly looksBefore: readonly Look[];
    readonly timeoutMs: Ms;
    readonly ended: AbortSignal;
  },
): Promise<Proof> {
  const { world, feed } = request;
  const { appliedAt, ended } = options;
  const expectation = fault.expect(plan);
  const looks: Look[] = [];
  // From the end of the act: a platform may need seconds to carry one out.
  const until = Math.max(appliedAt, world.clock.now()) + options.timeoutMs;
  for (;;) {
    if (expectation.looks.length > 0) looks.push(await look(world, expectation.looks));
    const evidence: Evidence = {
      appliedAt,
      baseline: before(view(feed, plan.probes, options.baselineFrom), appliedAt),
      since: view(feed, plan.probes, appliedAt),
      looksBefore: options.looksBefore,
      looks,
    };
    const proof = expectation.judge(evidence);
    if (proof.kind === 'seen' || ended.aborted || world.clock.now() >= until) return proof;
    await world.clock.sleep(POLL_MS, ended).catch(() => undefined);
  }
}
