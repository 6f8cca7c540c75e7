/**
 * Watches the abort limits of a campaign on sliding windows, and checks that samples keep arriving: without
 * them the state of the target is unknown.
 */
import type { Clock } from '../../core/clock.ts';
import type { AbortCondition } from '../../core/objective.ts';
import { SLICE_MS } from '../../core/samples.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import type { LoadSession } from '../../load/load-contract.ts';
import { conditionHolds } from '../../measure/abort.ts';

const PERIOD = ms(250);
/**
 * The matcher settles arrivals about 2.5 s late; a flow that is silent for this long has lost its samples and
 * is not quiet.
 */
const SILENCE_MS = 15_000;

export interface AbortListener {
  /** Whether this call ends the run. */
  abort(why: string): boolean;
  /** The state of the target is no longer known, and the target is not the cause. */
  blind(why: string): void;
  /** Called once, after an abort by a condition: since when it had held. */
  met(at: EpochMs): void;
}

export interface AbortWatch {
  stop(): Promise<void>;
}

export function watchAborts(
  options: {
    readonly conditions: readonly AbortCondition[];
    readonly flows: readonly { readonly flow: string; readonly worstStallMs: Ms }[];
    readonly load: LoadSession;
    readonly clock: Clock;
  },
  told: AbortListener,
): AbortWatch {
  const { conditions, flows, load, clock } = options;
  const stopping = new AbortController();
  const startedAt = clock.now();
  const loop = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(PERIOD, stopping.signal);
      for (const one of conditions) {
        if (!conditionHolds(one, load.windowed(one.flow, ms(one.forMs)))) continue;
        // First the end of the run, so that no fault stays in place while we look back.
        if (told.abort(`abort condition met: ${one.text}`)) told.met(await heldSince(one, load, clock));
        return;
      }
      for (const { flow, worstStallMs } of flows) {
        const seen = Math.max(startedAt, load.settledUntil(flow));
        const silentMs = clock.now() - seen;
        if (silentMs > SILENCE_MS + worstStallMs) {
          told.blind(
            `no samples of ${flow} for ${(silentMs / 1000).toFixed(0)} s: what happens to the target is not known`,
          );
        }
      }
    }
  };
  const done = loop().catch((error: unknown) => {
    if (!stopping.signal.aborted) told.blind(`the abort watch failed: ${String(error)}`);
  });
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

/** A window of minutes has many thousand answers: yield after this many, so that the undo can run. */
const STEPS_AT_ONCE = 10;

/** The end of the first window in the unbroken series, up to the latest one, in which the condition holds. */
export async function heldSince(
  condition: AbortCondition,
  load: Pick<LoadSession, 'windowed' | 'windowEnd'>,
  clock: Clock,
): Promise<EpochMs> {
  const { flow, forMs } = condition;
  const holdsAt = (end: EpochMs): boolean => conditionHolds(condition, load.windowed(flow, ms(forMs), end));
  let first = load.windowEnd(flow);
  for (let step = 1; ; step += 1) {
    const before = epochMs(first - SLICE_MS);
    // A window without arrivals never holds, so this loop ends where the load began.
    if (!holdsAt(before)) return first;
    first = before;
    if (step % STEPS_AT_ONCE === 0) await clock.sleep(ms(1));
  }
}
