/** How a proof of CPU stress ends once the kernel's counts show the effect: probes must be slower at most. */
import { epochMs, ms } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { sayLast } from '../../observation.ts';

/** What the last samples say. @param probed false when no probe can observe the service. */
export const saidBy = ({ since }: Evidence, probed: boolean) => ({
  held: probed ? sayLast(since.held) : 'no probe',
  fresh: probed ? sayLast(since.fresh) : 'no probe',
});

/**
 * Held since everything was in place: measurements after it show its effect.
 * @param text what the counts show. @param inPlaceAt epoch ms.
 */
export function slowerAndAlive(text: string, inPlaceAt: number, probed: boolean, evidence: Evidence): Proof {
  const said = saidBy(evidence, probed);
  const alive = [evidence.since.held, evidence.since.fresh].every(
    (samples) => samples.some((one) => one.ok && one.at >= inPlaceAt) && samples.at(-1)?.ok === true,
  );
  if (probed && !alive)
    return {
      kind: 'not-yet',
      ...said,
      evidence: `${text}; expected probes that are slower at most, but alive`,
    };
  const at = epochMs(inPlaceAt);
  const tail = probed ? 'probes are alive' : 'no probe reaches this service';
  const boundMs = ms(Math.max(0, at - evidence.appliedAt));
  return { kind: 'seen', at, boundMs, ...said, evidence: `${text}; ${tail}` };
}
