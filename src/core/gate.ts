/**
 * The pre-release gate: two versions side by side under alternating blocks of the same load, compared pair by
 * pair.
 */
import type { GateEvidence } from './gate-evidence.ts';
import type { GateRecovery, RecoveryPlan } from './gate-recovery.ts';
import type { EpochMs, Ms } from './units.ts';
import type { VerdictStatus } from './verdict.ts';

export const GATE_QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type GateQuantile = keyof typeof GATE_QUANTILES;
/** A quantile of the good answers' response times, or the share of arrivals that failed. */
export type GateQuantity = GateQuantile | 'failed';
export type GateSide = 'baseline' | 'candidate';

export interface GateMetric {
  readonly flow: string;
  readonly quantity: GateQuantity;
}

/**
 * Differences that are allowed and that must be found: ratios less 1 for times, points (0.005 = half a
 * percent) for shares.
 */
export interface GateLimits {
  readonly allow: number;
  readonly find: number;
}

/** Above this many metrics the level of each becomes so small that the number of pairs doubles. */
export const MOST_GATE_METRICS = 6;

export interface GateRule {
  /** At most {@link MOST_GATE_METRICS}: the level of each is divided by their number. */
  readonly metrics: readonly GateMetric[];
  readonly times: GateLimits;
  readonly failed: GateLimits;
  /** One-sided, of the whole gate, in (0, 0.5). */
  readonly alpha: number;
  /** At how many kept pairs the gate may decide, rising; the last is the most that are run. */
  readonly looks: readonly number[];
  /** At least; longer where a quantile needs more arrivals than come in it. */
  readonly blockMs: Ms;
  /** At the start of each block, thrown away. */
  readonly settleMs: Ms;
  /** What is played after the last pair that counts. Absent: the campaign has no faults. */
  readonly recovery?: RecoveryPlan;
}

/** Which side has the first block of a pair: A is the baseline. */
export type PairOrder = 'AB' | 'BA';

/** A gate as it is planned, before the first request. */
export interface GatePlan extends GateRule {
  readonly baseline: string;
  readonly candidate: string;
  /** One for each pair that may be run: a coin each, drawn from the seed and never drawn again. */
  readonly order: readonly PairOrder[];
  /** Both sides are warmed together, at half the rate, before the first block. */
  readonly leadMs: Ms;
  /**
   * `host:port` by dependency, as each side's target names them: what both use is where one slows the other.
   * Absent: not known before the targets are open, or in older plans.
   */
  readonly addresses?: Readonly<Record<GateSide, Readonly<Record<string, string>>>>;
  /** Of the whole load; absent: as long as the last look takes. */
  readonly budgetMs?: Ms;
  /** `alpha` is then what is left of the level that was asked for. Absent in older plans. */
  readonly attempt?: GateAttempt;
  /** Of the load that each side gets: gates with another one say nothing about the noise of this one. */
  readonly loadHash?: string;
  /** Both sides are one target: the gate measures the noise of its place. Absent: two targets. */
  readonly aa?: true;
}

/** Which time it is that this candidate is gated against this baseline. */
export interface GateAttempt {
  /** From 1. */
  readonly number: number;
  /** As it was asked for, before it is divided by the number. */
  readonly alpha: number;
  /** Of the candidate; null: nobody told it, and only its target's identity is known. */
  readonly version: string | null;
  /** Status null: its end is not known. */
  readonly earlier: readonly { readonly run: string; readonly status: string | null }[];
}

/** `attempt 3: level 1.7 %`; null for a first attempt. */
export const attemptText = ({ alpha, attempt }: Pick<GatePlan, 'alpha' | 'attempt'>): string | null =>
  attempt === undefined || attempt.number === 1
    ? null
    : `attempt ${attempt.number}: level ${Number((alpha * 100).toPrecision(2))} %`;

/** The name of a flow on one side, under which it is measured. */
export const flowOn = (flow: string, side: GateSide): string => `${flow}@${side}`;

/** The name that the campaign and the scripts know. */
export const flowWithoutSide = (flow: string): string => flow.replace(/@(baseline|candidate)$/, '');

/** The phase of one pair in the events of a run; from 1. */
export const pairPhase = (pair: number): string => `pair:${pair}`;
/** The phase after the last pair that counts: what it cuts short was not needed. */
export const DECIDED_PHASE = 'decided';

export function pairOfPhase(phase: string): number | null {
  const [, number] = /^pair:(\d+)$/.exec(phase) ?? [];
  return number === undefined ? null : Number(number);
}

/** What one flow did in one block, after its settling. */
export interface GateBlockFlow {
  readonly due: number;
  readonly completed: number;
  readonly failed: number;
  /** Dropped or interrupted: never answered. */
  readonly unanswered: number;
  /** Of the good answers, in ms; null with fewer of them than the quantile needs. */
  readonly goodMs: Readonly<Partial<Record<GateQuantile, number | null>>>;
}

export interface GateBlock {
  /** From 1. */
  readonly pair: number;
  readonly slot: 1 | 2;
  readonly side: GateSide;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Why the generator, not the system, shaped this block; null: it did not. */
  readonly limited: string | null;
  /** Instances of each service at the end of the block; absent: its platform does not know them. */
  readonly replicas?: Replicas;
  readonly flows: Readonly<Record<string, GateBlockFlow>>;
}

/** How many instances of each service there are. */
export type Replicas = Readonly<Record<string, number>>;

/** One line of `blocks.ndjson`. */
export interface RecordedBlock extends GateBlock {
  /** Whether its pair may be judged, as far as this block says. */
  readonly kept: boolean;
  /** Null: it is kept. */
  readonly why: string | null;
}

export interface GateMetricResult extends GateMetric {
  /** Hodges–Lehmann over the pairs: a ratio for times, a difference of shares for `failed`. */
  readonly estimate: number | null;
  /**
   * The bounds that decided at this look, each one-sided at its own level; null where so few pairs give none.
   */
  readonly low: number | null;
  readonly high: number | null;
  /**
   * Candidate to baseline, one a judged pair in time order; for `failed` the difference of shares. Empty:
   * none.
   */
  readonly byPair: readonly number[];
  /** Of the log ratios of pairs; null for `failed`. */
  readonly sdPair: number | null;
  /** What so many pairs find nine times of ten, as {@link GateLimits.find} is written; null for `failed`. */
  readonly detectable: number | null;
  /** Pairs in all for `find`; null where no number within reason would do, or for `failed`. */
  readonly pairsNeeded: number | null;
  readonly status: Extract<VerdictStatus, 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'NO-DATA'>;
  readonly note: string | null;
}

export interface DroppedPair {
  readonly pair: number;
  readonly why: string;
}

export interface GateResult {
  readonly status: VerdictStatus;
  /** The whole answer in one sentence, without the status. */
  readonly sentence: string;
  readonly pairs: { readonly run: number; readonly kept: number; readonly judged: number };
  readonly dropped: readonly DroppedPair[];
  readonly looks: readonly {
    readonly pairs: number;
    readonly failLevel: number;
    readonly passLevel: number;
  }[];
  readonly metrics: readonly GateMetricResult[];
  readonly checks: GateChecks;
  /** Absent where the recorded times are not at hand. */
  readonly evidence?: GateEvidence;
  /** One for each fault and flow. Absent: no fault was to be played. */
  readonly recoveries?: readonly GateRecovery[];
  /** Of a gate whose sides are one target. Absent: there are two. */
  readonly aa?: AaResult;
}

/** `P99`, `failed`. */
export const quantityName = (quantity: GateQuantity): string =>
  quantity === 'failed' ? 'failed' : quantity.toUpperCase();

/** How much a metric differs from block to block without any cause, and what that makes of a gate. */
export interface MetricNoise extends GateMetric {
  /** Standard deviation of the log ratios of pairs. */
  readonly sdPair: number;
  /** What all pairs of this gate find nine times of ten: 0.12 is +12 %. */
  readonly detectable: number;
  /** For {@link GateLimits.find}; null where no number within reason would do. */
  readonly pairsNeeded: number | null;
  /** Of their blocks and settling; null with them. */
  readonly minutesNeeded: number | null;
}

export interface AaResult {
  /** What the answer means where nothing differs, in one sentence. */
  readonly meaning: string;
  /** Of the times that were judged; shares of failures have no noise of this kind. */
  readonly metrics: readonly MetricNoise[];
}

export interface GateChecks {
  /** First slot against second, of the first time that is gated: the interval should hold 1. */
  readonly slotEffect: { readonly ratio: number; readonly low: number; readonly high: number } | null;
  /** Correlation of each pair's log ratio with the next one's; null for fewer than five pairs. */
  readonly lag1: number | null;
  /** Flows whose P99 lies between two modes. */
  readonly cliffs: readonly string[];
}

/** `gate.json`. */
export interface GateFile {
  readonly schema: 'gauntlet.gate/1';
  readonly run: string;
  readonly campaign: string;
  readonly seed: number;
  readonly mode: 'interleaved';
  readonly baseline: GateFileSide;
  /** Version null: nobody told it. */
  readonly candidate: GateFileSide & { readonly version: string | null };
  readonly asked: Omit<GatePlan, 'baseline' | 'candidate'>;
  readonly result: GateResult;
}

export interface GateFileSide {
  readonly target: string;
  /** At the first block; null: the platform does not know. */
  readonly replicas: Replicas | null;
}
