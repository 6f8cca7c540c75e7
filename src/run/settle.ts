/**
 * Waits until every arrival that was due before an instant has its end. A load that is over has nothing more to say, so that nobody
 * waits for it; one that still runs and says nothing is trouble of the generator, and nothing of the target.
 */
import type { Clock } from '../core/clock.ts';
import { type EpochMs, type Ms, ms } from '../core/units.ts';

/** Time in which samples that are under way must have arrived. */
const SAMPLES_MS = 20_000;
const POLL_MS = ms(100);
/** The meter hands over once a second what the matcher has settled. */
const FLUSH_MS = ms(1100);
/** What it usually takes: ranks are given 2 s behind the newest sample, which k6 hands on every 200 ms; then one flush. */
export const USUAL_SETTLE_MS: Ms = ms(4000);

/** The last arrival may take as long as its client waits, twice: a gRPC client waits for its connection and for its answer. */
export const settleTimeout = (flows: readonly { readonly worstStallMs: Ms }[]): Ms =>
  ms(SAMPLES_MS + 2 * Math.max(0, ...flows.map((flow) => flow.worstStallMs)));

export interface Settling {
  readonly flows: readonly { readonly flow: string; readonly worstStallMs: Ms }[];
  readonly clock: Clock;
  readonly stopped: AbortSignal;
  settledUntil(flow: string): EpochMs;
}

/** The flows that had not settled when the time was over; none when all is well. Rejects when the run is stopped. */
export async function settle(load: Settling, before: EpochMs): Promise<readonly string[]> {
  const { flows, clock, stopped } = load;
  const deadline = clock.now() + settleTimeout(flows);
  for (;;) {
    const open = flows.map((one) => one.flow).filter((flow) => load.settledUntil(flow) < before);
    if (open.length === 0) break;
    stopped.throwIfAborted();
    if (clock.now() > deadline) return open;
    await clock.sleep(POLL_MS, stopped);
  }
  await clock.sleep(FLUSH_MS, stopped);
  return [];
}
