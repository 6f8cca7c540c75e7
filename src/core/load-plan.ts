/** The load part of a plan: what k6 is asked to do, flow by flow, before any argument of k6 is thought of. */
import { type Ms, type PerSecond, perSecond } from './units.ts';

/**
 * One straight piece of an arrival-rate schedule: from the rate before it to `to`, linearly, in `durationMs`.
 */
export interface Stage {
  readonly to: PerSecond;
  readonly durationMs: Ms;
}

/** Constant: `stages` is empty and the rate is `startRate` for the whole run. */
export interface ArrivalSchedule {
  readonly startRate: PerSecond;
  readonly stages: readonly Stage[];
}

/** One flow of one scenario: one k6 executor, so that its arrivals can be ranked against its own schedule. */
export interface FlowLoad {
  /** `gateway.intentions`, `specialist.business`, ... */
  readonly flow: string;
  /** The name of the k6 scenario (executor) inside the script. */
  readonly executor: string;
  readonly schedule: ArrivalSchedule;
  /** The longest a request can take before its client gives up: rate × this = VUs needed. */
  readonly worstStallMs: Ms;
  readonly vus: number;
  /**
   * Whether the script can let VUs stand by that are not needed now (src/measure/reserve.ts). Only where it
   * is its only flow.
   */
  readonly standsBy?: boolean;
}

export interface ScenarioLoad {
  /** Name of `scenarios/<name>.ts`. */
  readonly scenario: string;
  readonly script: string;
  readonly flows: readonly FlowLoad[];
  /**
   * How many k6 processes share the load, each with every n-th arrival; absent: one. VUs are a multiple of
   * it.
   */
  readonly generators?: number;
  /** How many redirects a request follows; absent: none, so that a redirect is its outcome (`http-307`). */
  readonly redirects?: number;
  /**
   * What one VU holds in k6 when nothing is garbage, in kB, as measured; absent: not known, and k6's memory
   * has no limit.
   */
  readonly vuKb?: number;
  /** Passed to the script as `__ENV`: addresses and knobs, never a secret. */
  readonly env: Readonly<Record<string, string>>;
}

/** The same schedule with every rate multiplied. */
export const timesRate = (schedule: ArrivalSchedule, factor: number): ArrivalSchedule => ({
  startRate: perSecond(schedule.startRate * factor),
  stages: schedule.stages.map((stage) => ({ ...stage, to: perSecond(stage.to * factor) })),
});
