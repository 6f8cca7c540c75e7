/** What a flush holds, asked when it happens: what settles after it is in the next one, and a watch must not believe it yet. */
import type { Clock } from '../core/clock.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { LoadSession } from '../load/load-contract.ts';

/**
 * By flow: every arrival that was due before this has its end in what was flushed. 0 while nothing is known; now for a load that is
 * over, of which no arrival is due any more.
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
