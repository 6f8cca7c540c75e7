/** Objectives as data: a limit on one number of one flow in one phase (or after one fault). */
import type { Ms } from './units.ts';

export type Comparison = '<' | '<=' | '>' | '>=';

export type Indicator =
  /**
   * Percentile of a clock, in ms. `quantile` in (0, 1]. For response and service a failed arrival counts as
   * slower than any limit.
   */
  | {
      readonly kind: 'quantile';
      readonly clock: 'response' | 'service' | 'lateness';
      readonly quantile: number;
    }
  /** Share of due arrivals that did not get a good answer: failed + dropped + interrupted, over due. */
  | { readonly kind: 'failed' }
  /** Arrivals per second that had a good answer. */
  | { readonly kind: 'rate' }
  /** The highest arrival rate of a search at which its conditions held, per second. */
  | { readonly kind: 'capacity' }
  /** Time from injection until every SLI of the flow had recovered, in ms. */
  | { readonly kind: 'recovered' }
  /** Integral of lost good service, in seconds. */
  | { readonly kind: 'loss' }
  /** The smallest number of ready instances of a service; `flow` is then the name of the service. */
  | { readonly kind: 'ready' }
  /**
   * Requests by their records in Kafka: `lost` with a good answer and none, `duplicated` with several, both
   * counted; `late`, the share of those sent that have a record and no good answer.
   */
  | { readonly kind: 'lost' | 'duplicated' | 'late' }
  /** Requests of a path, counted; of a path, `lost` and `duplicated` are too (StageCounts). */
  | { readonly kind: 'stuck' | 'reordered' };

export interface Objective {
  /** The text as written in the campaign. */
  readonly name: string;
  /** Or a question of the system, `<service>:<ask>`: then only `recovered` is judged. */
  readonly flow: string;
  readonly indicator: Indicator;
  readonly comparison: Comparison;
  /** In the indicator's unit: ms, share from 0 to 1, per second, seconds, instances. */
  readonly limit: number;
  readonly scope: /** `overMs`: in every window of this length in the phase (whole seconds, sliding by one); absent: in the phase as a whole. */
    | { readonly kind: 'phase'; readonly phase: string; readonly overMs?: Ms }
    | { readonly kind: 'after'; readonly fault: string }
    | { readonly kind: 'run' };
  /** The document the limit comes from, or null. */
  readonly source: string | null;
}

/** The questions that objectives name, and that are watched for them. */
export const asksIn = (objectives: readonly Pick<Objective, 'flow'>[]): readonly string[] => [
  ...new Set(objectives.map((one) => one.flow).filter((name) => name.includes(':'))),
];

/** `when: "web.orders failed > 50% for 5s"`: true for this long, and the run is aborted. */
export interface AbortCondition {
  readonly text: string;
  readonly flow: string;
  readonly indicator: Extract<Indicator, { kind: 'failed' | 'quantile' }>;
  readonly comparison: Comparison;
  readonly limit: number;
  readonly forMs: number;
}
