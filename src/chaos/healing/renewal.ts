/**
 * Renews the platform's own deadline of a fault while the harness is alive, and reports when the fault ended
 * early.
 */
import { EffectLost, messageOf } from '../../core/errors.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import type { Fault, FaultPlan } from '../fault.ts';
import type { World } from '../world.ts';

export interface Renewal {
  /** Aborted, with the reason as a text, when the fault is no longer in place or its state is unknown. */
  readonly lost: AbortSignal;
  /** The last instant at which the platform reported that the fault was in place. */
  lastSeen(): EpochMs;
  /** Resolves when no renewal is in progress: a late one could act after the undo. */
  stop(): Promise<void>;
  /** Renews once more; false when the fault is gone. A platform that does not answer is not asked twice. */
  confirm(): Promise<boolean>;
}

/** Reported by the platform, which does not know what ended it. */
export const NOT_IN_PLACE =
  'the fault is not in place any more: it was not renewed in time, or another client ended it';

/** Three chances per ttl: one late answer must not end a fault. */
const CHANCES = 3;

export function keepRenewed(fault: Fault, plan: FaultPlan, world: World, ttl: Ms): Renewal {
  const lost = new AbortController();
  const stop = new AbortController();
  let lastSeen = world.clock.now();
  const once = async (): Promise<boolean> => {
    const asked = world.clock.now();
    try {
      const isThere = await fault.renew(plan, world, ttl);
      if (isThere) lastSeen = asked;
      return isThere;
    } catch (error) {
      if (!(error instanceof EffectLost)) throw error;
      lost.abort(`the fault is in place without effect: ${error.message}`);
      return false;
    }
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted && !lost.signal.aborted) {
      await world.clock.sleep(ms(ttl / CHANCES), stop.signal);
      try {
        if (!(await once())) lost.abort(NOT_IN_PLACE);
      } catch (error) {
        // Within the ttl the fault may still be in place: the next renewal decides.
        const isOver = world.clock.now() - lastSeen >= ttl;
        if (isOver) lost.abort(`the fault could not be renewed: ${messageOf(error)}`);
      }
    }
  };
  // Only the sleep can reject, when it is stopped.
  const ended = loop().catch(() => undefined);
  return {
    lost: lost.signal,
    lastSeen: () => lastSeen,
    stop: () => {
      stop.abort();
      return ended;
    },
    confirm: () => once().catch(() => true),
  };
}
