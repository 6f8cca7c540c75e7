/** Which processes a stress may touch: those of the target's instances, and none that only has the number. */
import type { ProcessVictim } from '../../core/topology.ts';
import { isAlive } from '../proc.ts';
import type { ProcessIdentity } from '../sandbox/state.ts';

export const isThere = ({ pid, startTicks }: ProcessIdentity): boolean => isAlive(pid, startTicks);

/** One of the target's instances, and still the same process. */
export const isOurs = (victims: readonly ProcessVictim[], victim: ProcessVictim): boolean =>
  victims.some((one) => one.pid === victim.pid && one.startTicks === victim.startTicks) && isThere(victim);
