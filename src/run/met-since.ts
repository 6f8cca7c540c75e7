/** Looks back, with what is known now, how long an abort condition has held. */
import type { Clock } from '../core/clock.ts';
import type { AbortCondition } from '../core/objective.ts';
import { SLICE_MS } from '../core/samples.ts';
import { type EpochMs, epochMs, ms } from '../core/units.ts';
import type { LoadSession } from '../load/load-contract.ts';
import { conditionHolds } from '../measure/abort.ts';

/** A window of minutes has many thousand answers: between so many of them whoever undoes the faults gets its turn. */
const STEPS_AT_ONCE = 10;

/** The end of the first window of the unbroken row up to the latest one in which the condition holds. */
export async function metSince(
  condition: AbortCondition,
  load: Pick<LoadSession, 'windowed' | 'windowEnd'>,
  clock: Clock,
): Promise<EpochMs> {
  const { flow, forMs } = condition;
  const holdsAt = (end: EpochMs): boolean => conditionHolds(condition, load.windowed(flow, ms(forMs), end));
  let first = load.windowEnd(flow);
  for (let step = 1; ; step += 1) {
    const before = epochMs(first - SLICE_MS);
    // A window without arrivals never holds, so that the walk ends where the load began.
    if (!holdsAt(before)) return first;
    first = before;
    if (step % STEPS_AT_ONCE === 0) await clock.sleep(ms(1));
  }
}
