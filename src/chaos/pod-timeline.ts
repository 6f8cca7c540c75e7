/** The way back of a lost instance, from the platform's own stamps: stretches that follow on each other without a gap. */
import type { InstanceLife } from '../core/platform.ts';
import type { PodStretch } from '../core/result.ts';
import type { Victim } from '../core/topology.ts';
import type { EpochMs } from '../core/units.ts';

export const isSame = (a: Victim, b: Victim): boolean => a.pid === b.pid && a.startTicks === b.startTicks;

export interface WayBack {
  readonly goneAt: EpochMs;
  readonly startedAt: EpochMs;
  readonly readyAt: EpochMs;
}

/**
 * Undefined while the victim has not ended or no successor is ready. A successor that dies before it is ready does not
 * end the way: `startedAt` is the first attempt, `readyAt` the first that got there.
 * @param known the instances that were there before the fault: none of them is a successor.
 */
export function wayBack(
  victim: Victim,
  lives: readonly InstanceLife[],
  known: readonly Victim[],
): WayBack | undefined {
  const goneAt = lives.find((life) => isSame(life, victim))?.endedAt;
  if (goneAt === undefined || goneAt === null) return undefined;
  const later = lives.filter((life) => !known.some((one) => isSame(one, life)) && life.startedAt >= goneAt);
  // A slot keeps its name in the sandbox and in a StatefulSet; a Deployment gives every pod a new one.
  const sameSlot = later.filter((life) => life.instance === victim.instance);
  const successors = sameSlot.length > 0 ? sameSlot : later;
  const startedAt = successors[0]?.startedAt;
  const readyAt = successors.find((life) => life.readyAt !== null)?.readyAt;
  if (startedAt === undefined || readyAt === undefined || readyAt === null) return undefined;
  return { goneAt, startedAt, readyAt };
}

/**
 * Marks that come before an earlier one (a good answer from another replica, say) make a stretch of 0, so that the
 * stretches always sum to `firstGood - appliedAt`, the whole.
 */
export function podStretches(appliedAt: EpochMs, way: WayBack, firstGood: EpochMs): readonly PodStretch[] {
  const marks: readonly (readonly [string, number])[] = [
    ['signal sent to process gone', way.goneAt],
    ['process gone to successor started', way.startedAt],
    ['successor started to successor ready', way.readyAt],
    ['successor ready to first good probe on a fresh connection', firstGood],
  ];
  let last: number = appliedAt;
  return marks.map(([name, at]) => {
    const from = last;
    last = Math.max(last, at);
    return { name, ms: last - from };
  });
}
