/** The example of a fault with names of a target, for `gauntlet faults NAME --target T`. */
import { faultNamed } from '../chaos/faults/registry.ts';
import { seededRng } from '../core/rng.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { paperWorld } from './open/consent.ts';
import { exampleOn } from './open/fault-support.ts';
import { namedTarget } from './open/names.ts';
import { isSandboxUp, openRunningTarget } from './open/open-target.ts';

/**
 * A sandbox that is not up has names on paper.
 * @throws usage, refused, unavailable, as any use of a target.
 */
export async function exampleForTarget(name: string, given: string, places: Places): Promise<string> {
  const fault = faultNamed(name);
  const target = namedTarget(given);
  if (target.platform === 'sandbox' && !isSandboxUp(target, places))
    return await exampleOn(fault, paperWorld(target));
  const { platform, timers, close } = await openRunningTarget(target, places);
  try {
    return await exampleOn(fault, { platform, clock: monotonicClock, rng: seededRng(0), timers });
  } finally {
    await close();
  }
}
