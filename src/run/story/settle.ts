/**
 * Waits for the load: for the first arrival of every flow, and until every arrival that was due before an
 * instant has its end. A load that is over has nothing more to report, so nothing waits for it; one that
 * still runs and reports nothing is trouble of the generator, not of the target.
 */
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import type { LoadSession } from '../../load/load-contract.ts';
import { firstDueMs, settleTimeout } from '../plan/plan-length.ts';

const POLL_MS = ms(100);
/** The meter flushes once a second what the matcher has settled. */
const FLUSH_MS = ms(1100);

export interface Settling {
  readonly flows: readonly { readonly flow: string; readonly worstStallMs: Ms }[];
  readonly clock: Clock;
  readonly stopped: AbortSignal;
  settledUntil(flow: string): EpochMs;
}

/** The flows that had not settled in time; none when all is well. Rejects when the run is stopped. */
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

/**
 * By flow: every arrival that was due before this has its end in the flushed data. 0 while unknown; now for a
 * load that is over, because no more arrivals are due.
 */
export const flushedNow = (
  flows: readonly { readonly flow: string }[],
  load: Pick<LoadSession, 'settledUntil'> | undefined,
  clock: Pick<Clock, 'now'>,
): ReadonlyMap<string, EpochMs> =>
  new Map(
    flows.map(({ flow }) => {
      const settled = load?.settledUntil(flow) ?? 0;
      return [flow, epochMs(Math.min(clock.now(), Math.max(0, settled)))];
    }),
  );

/** k6 compiles its script once for each VU before the first arrival; on a busy machine that takes time. */
const START_MS = 120_000;

/**
 * @throws 'unavailable' when a flow had none in time; the rejection of `started`; the reason of `stopped`.
 */
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
