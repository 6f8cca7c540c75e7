/** What the two holders of stresses (CPU, memory) have in common: the end that nobody asked for, and whom they may touch. */
import type { Clock } from '../../../../src/core/clock.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { ms } from '../../../../src/core/units.ts';
import { isAlive } from '../../../../src/system/proc.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';

const END_AGAIN_MS = ms(1000);

export interface Expiring {
  /** By the clock; a renewal moves it. */
  readonly expiresAt: () => number;
  /** False once somebody else has ended it. */
  readonly isHeld: () => boolean;
  readonly end: () => Promise<void>;
}

/** Ends a stress that nobody renews, and goes on trying until it is ended. Rejects when it is stopped. */
export async function endAtExpiry(
  { expiresAt, isHeld, end }: Expiring,
  clock: Clock,
  stopped: AbortSignal,
): Promise<void> {
  for (;;) {
    const left = expiresAt() - clock.now();
    if (left <= 0) break;
    await clock.sleep(ms(left), stopped);
    if (!isHeld()) return;
  }
  while (isHeld()) await end().catch(() => clock.sleep(END_AGAIN_MS, stopped));
}

export const isThere = ({ pid, startTicks }: ProcessIdentity): boolean => isAlive(pid, startTicks);

/** One of the sandbox's own instances, and still the same process. */
export const isOurs = (victims: readonly ProcessVictim[], victim: ProcessVictim): boolean =>
  victims.some((one) => one.pid === victim.pid && one.startTicks === victim.startTicks) && isThere(victim);
