/** The parameters of all faults that slow links: how they are written, checked and converted to an effect. */

import { duration } from '../../../config/words/duration.ts';
import { bandwidth } from '../../../config/words/size.ts';
import type { LinkEffect } from '../../../core/acts/link-acts.ts';
import type { Rng } from '../../../core/rng.ts';
import {
  BANDWIDTH_EXPECTED,
  type BitsPerSecond,
  DURATION_EXPECTED,
  formatMs,
  type Ms,
} from '../../../core/units.ts';
import { type Checking, parameter } from '../../parameters.ts';

export type Throttle = {
  readonly bandwidth: BitsPerSecond | null;
  readonly latency: Ms | null;
  readonly jitter: Ms | null;
};

const EITHER = 'at least one of bandwidth and latency';

/**
 * @param where the links that share the bandwidth, and where the latency is added, such as `links to Redis`.
 */
export const throttleParameters = (where: { readonly links: string; readonly way: string }) => ({
  bandwidth: parameter(bandwidth, {
    meaning: `shared by all connections of ${where.links}, for each direction`,
    allowed: `${BANDWIDTH_EXPECTED}; ${EITHER}`,
    unit: 'bandwidth',
  }).optional(),
  latency: parameter(duration, {
    meaning: `added once to every round trip, in the direction of ${where.way}`,
    allowed: `${DURATION_EXPECTED}; ${EITHER}`,
    unit: 'duration',
  }).optional(),
  jitter: parameter(duration, {
    meaning: 'spreads the latency evenly, this much to either side; seeded',
    allowed: `${DURATION_EXPECTED}, at most the latency`,
    unit: 'duration',
  }).optional(),
});

interface Given {
  readonly bandwidth?: BitsPerSecond | undefined;
  readonly latency?: Ms | undefined;
  readonly jitter?: Ms | undefined;
}

/** Null for a parameter that was left out. */
export const throttleOf = ({ bandwidth: limit, latency, jitter }: Given): Throttle => ({
  bandwidth: limit ?? null,
  latency: latency ?? null,
  jitter: jitter ?? null,
});

export function checkThrottle(given: Given, { has, add }: Checking): void {
  const { latency, jitter } = given;
  if (!has('bandwidth') && !has('latency')) add('', EITHER, undefined);
  if (given.bandwidth === undefined && latency === 0) add('latency', 'a latency greater than 0', '0');
  if (jitter !== undefined && jitter > (latency ?? 0)) {
    add('jitter', `at most the latency (${formatMs(latency ?? 0)})`, formatMs(jitter));
  }
}

/** Draws the seed of the jitter, if there is jitter. */
export const throttleEffect = (throttle: Throttle, rng: Rng): LinkEffect => ({
  kind: 'throttle',
  ...(throttle.bandwidth !== null && { bitsPerSecond: throttle.bandwidth }),
  ...(throttle.latency !== null && { latencyMs: throttle.latency }),
  ...(throttle.jitter !== null && { jitterMs: throttle.jitter, seed: rng.below(2 ** 31) }),
});

/** In ms; 0 for an effect that delays nothing. */
export const latencyOf = (effect: LinkEffect): number =>
  effect.kind === 'throttle' ? (effect.latencyMs ?? 0) : 0;
