/**
 * Features of platforms that remove instances themselves: a grace period, and a disruption budget that is
 * asked first.
 */

import { durationBy } from '../../../config/words/duration.ts';
import type { InstanceActs } from '../../../core/acts/instance-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { Victim } from '../../../core/topology.ts';
import { type Ms, ms, type Parsed, parseDuration } from '../../../core/units.ts';
import { declared, parameter } from '../../parameters.ts';
import type { World } from '../../world.ts';
import type { KillAct } from './kill-proof.ts';

export const GRACE_ALLOWED = 'whole seconds with a unit, such as 30s, together with signal: SIGTERM';

/** Kubernetes knows whole seconds only. */
function parseGrace(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  return parsed.ok && parsed.value > 0 && parsed.value % 1000 === 0
    ? parsed
    : { ok: false, expected: GRACE_ALLOWED };
}

export const GRACE_PARAMETER = parameter(durationBy(parseGrace, 'whole seconds', GRACE_ALLOWED), {
  meaning:
    'time to drain after SIGTERM, on platforms that remove instances (Kubernetes); default: the grace period of the pod',
  allowed: GRACE_ALLOWED,
  unit: 'duration',
}).optional();

export const EVICT_PARAMETER = declared(
  'asks the disruption budget first (Kubernetes eviction); a budget that says no refuses the fault',
);

/** @throws refused for a parameter that the platform does not support: it is not ignored. */
export function needRemoval(
  fault: string,
  wanted: { readonly evict: boolean; readonly graceMs: Ms | null },
  instances: InstanceActs,
  world: World,
): void {
  if (instances.removal || (!wanted.evict && wanted.graceMs === null)) return;
  throw new GauntletError('refused', [
    {
      subject: `${fault}.${wanted.evict ? 'evict' : 'grace'}`,
      expected: 'a platform that removes instances itself (kubernetes)',
      got: world.platform.handle.platform,
      next: 'Leave it out: on this platform a signal is sent.',
    },
  ]);
}

/** How one victim is removed, as the campaign states it. */
export async function takeAwayOne(
  instances: InstanceActs,
  victim: Victim,
  { signal, graceMs, evict }: KillAct,
): Promise<'sent' | 'gone'> {
  if (!instances.removal || (!evict && graceMs === null)) return await instances.signal(victim, signal);
  const grace = signal === 'SIGKILL' ? ms(0) : graceMs;
  return await (evict ? instances.removal.evict(victim, grace) : instances.removal.remove(victim, grace));
}
