/** Waits for Chaos Mesh's asynchronous work; describes what is still missing. */
import type { Clock } from '../../core/clock.ts';
import { type Ms, ms } from '../../core/units.ts';

/** It answers in 1 to 3 s where it works; a caller that waits for it cannot be interrupted meanwhile. */
export const INJECT_MS = ms(8000);
/** One undo tries at least this long; the injector, the keeper and `recover` repeat it. */
export const HEAL_MS = ms(2000);
const POLL_MS = ms(100);

/** The last reason, or null as soon as there is none. */
export async function until(
  clock: Clock,
  timeoutMs: Ms,
  look: () => Promise<string | null>,
): Promise<string | null> {
  const end = clock.now() + timeoutMs;
  for (;;) {
    const reason = await look();
    if (reason === null || clock.now() >= end) return reason;
    await clock.sleep(POLL_MS);
  }
}
