/**
 * A simulated pair of services under one noisy machine: latency = 6 ms · exp(g) · lognormal(σ 0.5), one
 * answer in a hundred a straggler. g = AR(1) a second + an effect of the block + a linear drift + a random
 * walk, as in the notes behind the gate's error rates.
 */
import type { GateBlock, GateRule, GateSide } from '../../../../src/core/gate.ts';
import type { Rng } from '../../../../src/core/rng.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { bucketOf } from '../../../../src/measure/buckets.ts';
import { blockFlow } from '../../../../src/measure/gate/block-flow.ts';
import { DenseCounts } from '../../../../src/measure/latency-histogram.ts';

export interface Noise {
  /** Stationary deviation of the AR(1) and its coefficient. */
  readonly arSd: number;
  readonly phi: number;
  readonly blockSd: number;
  /** Relative, over ten minutes; its sign is drawn for each gate. */
  readonly drift: number;
  /** A square root of a second. */
  readonly walk: number;
  /** Stragglers: four times slower, or 200 ms more. */
  readonly tail: 'smooth' | 'cliff';
}

export const QUIET: Noise = { arSd: 0.05, phi: 0.9, blockSd: 0.02, drift: 0.05, walk: 0.001, tail: 'smooth' };
export const STAGING: Noise = {
  arSd: 0.15,
  phi: 0.9,
  blockSd: 0.05,
  drift: 0.15,
  walk: 0.004,
  tail: 'smooth',
};
export const SANDBOX: Noise = { arSd: 0.5, phi: 0.4, blockSd: 0.05, drift: 0.3, walk: 0.004, tail: 'smooth' };

export const FLOW = 'shop.order';
export const RATE = 100;

export const PANEL: GateRule = {
  metrics: (['p50', 'p95', 'p99'] as const).map((quantity) => ({ flow: FLOW, quantity })),
  times: { allow: 0, find: 0.1 },
  failed: { allow: 0, find: 0.005 },
  alpha: 0.05,
  looks: [16, 24, 32],
  blockMs: ms(10_000),
  settleMs: ms(3000),
};

export interface Versions {
  /** What a latency of the candidate becomes, in ms. */
  readonly candidate?: (latencyMs: number) => number;
  readonly pairs?: number;
  /** Which side goes first in a pair; without it a coin. */
  readonly order?: (pair: number) => readonly GateSide[];
  /** Hears the median latency of each second that is kept, in ms: what a test over seconds would be made of. */
  readonly onSecond?: (side: GateSide, medianMs: number) => void;
}

/** Standard normal values, drawn once: a gate of 32 pairs needs 64,000 of them, and a thousand gates are simulated. */
class Normals {
  readonly #values = new Float64Array(1 << 20);
  readonly #rng: Rng;
  constructor(rng: Rng) {
    this.#rng = rng;
    for (let at = 0; at < this.#values.length; at += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - rng.next()));
      const angle = 2 * Math.PI * rng.next();
      this.#values[at] = radius * Math.cos(angle);
      this.#values[at + 1] = radius * Math.sin(angle);
    }
  }
  next(): number {
    return this.#values[Math.floor(this.#rng.next() * this.#values.length)] ?? 0;
  }
}

export class Machine {
  readonly #rng: Rng;
  readonly #normals: Normals;
  readonly #counts = new DenseCounts();
  /** exp(0.5 z) for the pool of draws: the lognormal factor without a call of exp for each arrival. */
  readonly #factors: Float64Array;

  constructor(rng: Rng) {
    this.#rng = rng;
    this.#normals = new Normals(rng);
    this.#factors = Float64Array.from({ length: 1 << 20 }, () => Math.exp(0.5 * this.#normals.next()));
  }

  /** The blocks of one gate, in time order, as many pairs as asked for. */
  *pairs(
    noise: Noise,
    { candidate = (one) => one, pairs = 32, order, onSecond }: Versions = {},
  ): Generator<readonly GateBlock[]> {
    const rng = this.#rng;
    const sign = rng.next() < 0.5 ? -1 : 1;
    let ar = noise.arSd * this.#normals.next();
    let walk = 0;
    let second = 0;
    const step = (): number => {
      ar = noise.phi * ar + noise.arSd * Math.sqrt(1 - noise.phi ** 2) * this.#normals.next();
      walk += noise.walk * this.#normals.next();
      second += 1;
      return ar + walk + (sign * noise.drift * second) / 600;
    };
    for (let pair = 1; pair <= pairs; pair += 1) {
      const sides =
        order?.(pair) ?? (rng.next() < 0.5 ? ['baseline', 'candidate'] : ['candidate', 'baseline']);
      yield sides.map((side, at) => {
        for (let settle = 0; settle < 3; settle += 1) step();
        const block = noise.blockSd * this.#normals.next();
        const from = second * 1000;
        this.#counts.clear();
        for (let one = 0; one < 10; one += 1) {
          const latencies = this.#second(
            Math.exp(step() + block),
            noise,
            side === 'candidate' ? candidate : null,
          );
          onSecond?.(side as GateSide, latencies.sort()[RATE / 2] ?? 0);
        }
        const counts = { due: 10 * RATE, completed: 10 * RATE, failed: 0 };
        return {
          ...{ pair, side: side as GateSide, limited: null },
          slot: at === 0 ? 1 : 2,
          from: epochMs(from),
          to: epochMs(second * 1000),
          flows: { [FLOW]: blockFlow(counts, this.#counts, ['p50', 'p95', 'p99']) },
        } as const;
      });
    }
  }

  #second(level: number, noise: Noise, change: ((latencyMs: number) => number) | null): Float64Array {
    const latencies = new Float64Array(RATE);
    for (let arrival = 0; arrival < RATE; arrival += 1) {
      const draw = this.#rng.next() * this.#factors.length;
      let latency = 6 * level * (this.#factors[Math.floor(draw)] ?? 1);
      if (this.#rng.next() < 0.01)
        latency =
          noise.tail === 'cliff'
            ? latency + 200
            : latency * 4 * (this.#factors[Math.floor(this.#rng.next() * this.#factors.length)] ?? 1);
      if (change !== null) latency = change(latency);
      latencies[arrival] = latency;
      this.#counts.addBucket(bucketOf(Math.max(1, Math.round(latency * 1000))), 1);
    }
    return latencies;
  }
}
