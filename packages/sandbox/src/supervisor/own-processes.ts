/** Whom a stress may touch: the present processes of the sandbox's own instances, and nobody of the same number. */
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { isAlive } from '../../../../src/system/proc.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';

export const isThere = ({ pid, startTicks }: ProcessIdentity): boolean => isAlive(pid, startTicks);

/** One of the sandbox's own instances, and still the same process. */
export const isOurs = (victims: readonly ProcessVictim[], victim: ProcessVictim): boolean =>
  victims.some((one) => one.pid === victim.pid && one.startTicks === victim.startTicks) && isThere(victim);
