/**
 * Shared by the CPU and the memory stressor: the end of a stress that is not renewed, and the processes that
 * may be a victim.
 */
import type { Clock } from '../../../../src/core/clock.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { ms } from '../../../../src/core/units.ts';
import { isAlive } from '../../../../src/system/proc.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';

const END_AGAIN_MS = ms(1000);

export interface Expiring {
  /** The instant at which it ends; a renewal moves it. */
  readonly expiresAt: () => number;
  /** False after another caller has ended it. */
  readonly isHeld: () => boolean;
  readonly end: () => Promise<void>;
}

/** Ends a stress that is not renewed, and retries until it has ended. Rejects when it is stopped. */
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

/** True for the present process of one of the sandbox's own instances. */
export const isOurs = (victims: readonly ProcessVictim[], victim: ProcessVictim): boolean =>
  victims.some((one) => one.pid === victim.pid && one.startTicks === victim.startTicks) && isThere(victim);
