/**
 * What a gate shows beside its answer, so that a reader can check it: every pair in its order, what each side
 * was like, and whether the conditions of the comparison held. Nothing of it decides.
 */

/** An estimate with an interval of 90 %. */
export interface Bounded {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface SeenPair {
  /** From 1. */
  readonly pair: number;
  /** As it was drawn: A is the baseline. */
  readonly order: 'AB' | 'BA';
  /** From the start of the first block, in ms. */
  readonly atMs: number;
  readonly judged: boolean;
  /** Why it counts for nothing; null: it was kept. */
  readonly dropped: string | null;
  /** Candidate to baseline, by metric as in the result: ratios, for `failed` differences of shares. */
  readonly values: readonly (number | null)[];
}

/** One metric on both sides, over the judged pairs: ms for times, a share for `failed`. */
export interface SideValues {
  /** Of the typical block, the median over blocks; a share is of all arrivals. */
  readonly baseline: number | null;
  readonly candidate: number | null;
  /** Of the quantiles of all blocks taken together; null for `failed`. */
  readonly pooledRatio: number | null;
}

/** The response times of the good answers of one side, over its kept blocks. */
export interface SideTimes {
  readonly count: number;
  /** At {@link CURVE}, in ms; null where fewer than ten values lie beyond. */
  readonly ms: readonly (number | null)[];
}

export interface FlowTimes {
  readonly flow: string;
  readonly baseline: SideTimes;
  readonly candidate: SideTimes;
}

const steps = (from: number, to: number, by: number): readonly number[] =>
  Array.from({ length: Math.round((to - from) / by) + 1 }, (_, at) => Number((from + at * by).toFixed(3)));

/** The quantiles of a curve: even up to P95, finer in the tail. */
export const CURVE: readonly number[] = [
  ...steps(0.05, 0.95, 0.05),
  ...steps(0.96, 0.99, 0.01),
  0.995,
  0.999,
];

export interface GateEvidence {
  readonly pairs: readonly SeenPair[];
  /** By metric, as in the result. */
  readonly sides: readonly SideValues[];
  readonly times: readonly FlowTimes[];
  /** How late arrivals were started in the kept blocks, P99 in ms: the generator should treat both alike. */
  readonly lateness: readonly {
    readonly flow: string;
    readonly baselineMs: number | null;
    readonly candidateMs: number | null;
  }[];
  /**
   * The median of the first seconds that count to that of the others of the same block; above 1 the time to
   * settle was too short. Null: too few blocks with enough answers.
   */
  readonly settling: {
    readonly seconds: number;
    readonly baseline: Bounded | null;
    readonly candidate: Bounded | null;
  } | null;
  /** The baseline's last block to its first, along a line through all of them, by the first gated time. */
  readonly drift: (Bounded & { readonly spanMs: number }) | null;
  /** Instances of each service at the last block of each side; absent: their platforms do not know them. */
  readonly replicas?: {
    readonly baseline: Readonly<Record<string, number>>;
    readonly candidate: Readonly<Record<string, number>>;
  };
}
