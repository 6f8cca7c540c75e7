/** Watches the abort limits of a campaign on sliding windows, and that samples keep coming: without them nothing is known. */
import type { Clock } from '../core/clock.ts';
import type { AbortCondition } from '../core/objective.ts';
import { type Ms, ms } from '../core/units.ts';
import type { LoadSession } from '../load/load-contract.ts';
import { conditionHolds } from '../measure/abort.ts';

const PERIOD = ms(250);
/** The matcher settles arrivals about 2.5 s behind; a flow that is silent for this long is blind, not quiet. */
const SILENCE_MS = 15_000;

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
  abort: (why: string) => void,
): AbortWatch {
  const { conditions, flows, load, clock } = options;
  const stopping = new AbortController();
  const startedAt = clock.now();
  const loop = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(PERIOD, stopping.signal);
      for (const one of conditions) {
        if (conditionHolds(one, load.windowed(one.flow, ms(one.forMs))))
          abort(`abort condition met: ${one.text}`);
      }
      for (const { flow, worstStallMs } of flows) {
        const seen = Math.max(startedAt, load.settledUntil(flow));
        const silentMs = clock.now() - seen;
        if (silentMs > SILENCE_MS + worstStallMs) {
          abort(
            `no samples of ${flow} for ${(silentMs / 1000).toFixed(0)} s: what happens to the target is not known`,
          );
        }
      }
    }
  };
  const done = loop().catch((error: unknown) => {
    if (!stopping.signal.aborted) abort(`the abort watch failed: ${String(error)}`);
  });
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
