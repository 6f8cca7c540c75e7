/**
 * A simulated pair of services under one noisy machine: latency = 6 ms · exp(g) · lognormal(σ 0.5), one
 * answer in a hundred a straggler.
 * g = AR(1) a second + an effect of the block + a linear drift + a random walk.
 */
import type { GateBlock, GateRule, GateSide } from '../../../../src/core/gate.ts';
import { type Rng, seededRng } from '../../../../src/core/rng.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { bucketOf } from '../../../../src/measure/buckets.ts';
import { blockFlow } from '../../../../src/measure/gate/block-flow.ts';
import { normalQuantile } from '../../../../src/measure/gate/normal.ts';
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
  /**
   * A noisy neighbour: in this share of the pairs the place is so many times slower for 5 s, at any instant
   * of the pair.
   */
  readonly neighbour?: { readonly share: number; readonly factor: number };
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
  /** 10 without. */
  readonly blockS?: number;
  /**
   * Before each block the place changes on for so long, 3 without. The rates of the notes were simulated
   * with 0: blocks of a pair are then more alike than they are in a gate.
   */
  readonly settleS?: number;
  /** Which side goes first in a pair; without it a coin. */
  readonly order?: (pair: number) => readonly GateSide[];
  /**
   * Hears the median latency of each second that is kept, in ms: what a test over seconds would be made of.
   */
  readonly onSecond?: (side: GateSide, medianMs: number) => void;
}

/**
 * Standard normal values as their quantiles in equal steps, and exp(0.5 z) of them: small enough for a cache,
 * and each draw is independent.
 */
const POOL = 1 << 15;
const NORMALS = Float64Array.from({ length: POOL }, (_, at) => normalQuantile((at + 0.5) / POOL));
const FACTORS = NORMALS.map((z) => Math.exp(0.5 * z));

const STRAGGLERS = 0.01;
const SHOCK_S = 5;

/** The same seed gives the same gates, whichever other machines there are. */
export class Machine {
  readonly #rng: Rng;
  readonly #counts = new DenseCounts();
  readonly #latencies = new Float64Array(RATE);
  /** Arrivals until the next straggler. */
  #straggler: number;

  constructor(seed: number) {
    this.#rng = seededRng(seed);
    this.#straggler = this.#gap();
  }

  /** The blocks of one gate, in time order, as many pairs as asked for. */
  *pairs(
    noise: Noise,
    { candidate = (one) => one, pairs = 32, blockS = 10, settleS = 3, order, onSecond }: Versions = {},
  ): Generator<readonly GateBlock[]> {
    const rng = this.#rng;
    const sign = rng.next() < 0.5 ? -1 : 1;
    let ar = noise.arSd * this.#normal();
    let walk = 0;
    let second = 0;
    const step = (): number => {
      ar = noise.phi * ar + noise.arSd * Math.sqrt(1 - noise.phi ** 2) * this.#normal();
      walk += noise.walk * this.#normal();
      second += 1;
      return ar + walk + (sign * noise.drift * second) / 600;
    };
    for (let pair = 1; pair <= pairs; pair += 1) {
      const sides =
        order?.(pair) ?? (rng.next() < 0.5 ? ['baseline', 'candidate'] : ['candidate', 'baseline']);
      const pairS = 2 * (settleS + blockS);
      const isHit = noise.neighbour !== undefined && rng.next() < noise.neighbour.share;
      const shockAt = isHit ? rng.below(pairS - SHOCK_S + 1) : pairS;
      yield sides.map((side, at) => {
        for (let settle = 0; settle < settleS; settle += 1) step();
        const block = noise.blockSd * this.#normal();
        const from = second * 1000;
        this.#counts.clear();
        for (let one = 0; one < blockS; one += 1) {
          const sinceShock = at * (settleS + blockS) + settleS + one - shockAt;
          const isShocked = sinceShock >= 0 && sinceShock < SHOCK_S;
          const level = Math.exp(step() + block) * (isShocked ? (noise.neighbour?.factor ?? 1) : 1);
          this.#second(level, noise.tail, side === 'candidate' ? candidate : null);
          onSecond?.(side, this.#latencies.sort()[RATE / 2] ?? 0);
        }
        const counts = { due: blockS * RATE, completed: blockS * RATE, failed: 0 };
        return {
          ...{ pair, side, limited: null },
          slot: at === 0 ? 1 : 2,
          from: epochMs(from),
          to: epochMs(second * 1000),
          flows: { [FLOW]: blockFlow(counts, this.#counts, ['p50', 'p95', 'p99']) },
        } as const;
      });
    }
  }

  #normal(): number {
    return NORMALS[this.#rng.below(POOL)] ?? 0;
  }

  /**
   * How many are none before the next one is a straggler: geometric, one draw instead of one for each
   * arrival.
   */
  #gap(): number {
    return Math.floor(Math.log(1 - this.#rng.next()) / Math.log(1 - STRAGGLERS));
  }

  #second(level: number, tail: Noise['tail'], change: ((latencyMs: number) => number) | null): void {
    for (let arrival = 0; arrival < RATE; arrival += 1) {
      let latency = 6 * level * (FACTORS[this.#rng.below(POOL)] ?? 1);
      if (this.#straggler === 0) {
        this.#straggler = this.#gap();
        latency = tail === 'cliff' ? latency + 200 : latency * 4 * (FACTORS[this.#rng.below(POOL)] ?? 1);
      } else this.#straggler -= 1;
      if (change !== null) latency = change(latency);
      this.#latencies[arrival] = latency;
      this.#counts.addBucket(bucketOf(Math.max(1, Math.round(latency * 1000))), 1);
    }
  }
}
