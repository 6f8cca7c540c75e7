/**
 * The parameters of every fault that makes links slow: how they are written, checked and turned into an
 * effect.
 */
import type { LinkEffect } from '../../../core/acts/link-acts.ts';
import type { Rng } from '../../../core/rng.ts';
import {
  BANDWIDTH_EXPECTED,
  type BitsPerSecond,
  DURATION_EXPECTED,
  formatMs,
  type Ms,
  parseBandwidth,
  parseDuration,
} from '../../../core/units.ts';
import type { Parameter } from '../../fault.ts';
import type { SpecReader } from '../../parameters.ts';

export type Throttle = {
  readonly bandwidth: BitsPerSecond | null;
  readonly latency: Ms | null;
  readonly jitter: Ms | null;
};

/**
 * @param where the links that share the bandwidth, and where the latency is added, such as `links to Redis`.
 */
export const throttleParameters = (where: {
  readonly links: string;
  readonly way: string;
}): readonly Parameter[] => [
  {
    name: 'bandwidth',
    meaning: `shared by all connections of ${where.links}, for each direction`,
    unit: 'bandwidth',
    default: null,
    required: false,
    allowed: `${BANDWIDTH_EXPECTED}; at least one of bandwidth and latency`,
  },
  {
    name: 'latency',
    meaning: `added once to every round trip, on the way to ${where.way}`,
    unit: 'duration',
    default: null,
    required: false,
    allowed: `${DURATION_EXPECTED}; at least one of bandwidth and latency`,
  },
  {
    name: 'jitter',
    meaning: 'spreads the latency evenly, this much to either side; seeded',
    unit: 'duration',
    default: null,
    required: false,
    allowed: `${DURATION_EXPECTED}, at most the latency`,
  },
];

/** Adds what is wrong to the reader's problems; null for what was not written. */
export function readThrottle(reader: SpecReader): Throttle {
  const bandwidth = reader.take('bandwidth', parseBandwidth) ?? null;
  const latency = reader.take('latency', parseDuration) ?? null;
  const jitter = reader.take('jitter', parseDuration) ?? null;
  if (!reader.has('bandwidth') && !reader.has('latency')) {
    reader.add('', 'at least one of bandwidth and latency', undefined);
  }
  if (bandwidth === null && latency === 0) reader.add('latency', 'a latency greater than 0', '0');
  if (jitter !== null && jitter > (latency ?? 0)) {
    reader.add('jitter', `at most the latency (${formatMs(latency ?? 0)})`, formatMs(jitter));
  }
  return { bandwidth, latency, jitter };
}

/** Draws the seed of the jitter, where there is one. */
export const throttleEffect = (throttle: Throttle, rng: Rng): LinkEffect => ({
  kind: 'throttle',
  ...(throttle.bandwidth !== null && { bitsPerSecond: throttle.bandwidth }),
  ...(throttle.latency !== null && { latencyMs: throttle.latency }),
  ...(throttle.jitter !== null && { jitterMs: throttle.jitter, seed: rng.below(2 ** 31) }),
});

/** In ms; 0 for an effect that delays nothing. */
export const latencyOf = (effect: LinkEffect): number =>
  effect.kind === 'throttle' ? (effect.latencyMs ?? 0) : 0;
