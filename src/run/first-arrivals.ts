/** Waits for the first arrival of every flow, as long as its schedule and a slow start of k6 allow. */
import type { Clock } from '../core/clock.ts';
import { GauntletError } from '../core/errors.ts';
import type { FlowLoad } from '../core/load-plan.ts';
import { type Ms, ms } from '../core/units.ts';
import { ticksOf } from '../measure/schedule.ts';

/** k6 compiles its script once for each VU before anything is due; on a busy machine that takes its time. */
const START_MS = 120_000;

/** How long after the start of its schedule the last flow to begin has its first arrival. A ramp from 0 begins late. */
export const firstDueMs = (flows: readonly FlowLoad[]): Ms =>
  ms(Math.max(0, ...flows.map((flow) => ticksOf(flow.schedule).offsetNs(0) / 1e6).filter(Number.isFinite)));

/** @throws 'unavailable' when a flow had none in time; what `started` rejects with; the reason of `stopped`. */
export async function firstArrivals(
  started: Promise<void>,
  flows: readonly FlowLoad[],
  clock: Clock,
  stopped: AbortSignal,
): Promise<void> {
  const waiting = new AbortController();
  const within = ms(START_MS + firstDueMs(flows));
  const late = clock.sleep(within, AbortSignal.any([stopped, waiting.signal])).then(() => {
    const got = `none of at least one of them after ${Math.round(within / 1000)} s`;
    throw new GauntletError('unavailable', [
      {
        subject: 'load',
        expected: 'an arrival of every flow',
        got,
        next: 'The log of k6 is in k6/*.stderr.',
      },
    ]);
  });
  try {
    await Promise.race([started, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
  }
}
