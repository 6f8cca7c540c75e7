/** The load part of a plan: what k6 must do, flow by flow, independent of k6's arguments. */
import type { ForeignFlow, ForeignLoad } from './foreign-script.ts';
import type { LoadTls } from './load-tls.ts';
import { type Ms, type PerSecond, perSecond } from './units.ts';

/**
 * One straight piece of an arrival-rate schedule: from the rate before it to `to`, linearly, in `durationMs`.
 */
export interface Stage {
  readonly to: PerSecond;
  readonly durationMs: Ms;
}

/** For a constant rate `stages` is empty, and `startRate` applies to the whole run. */
export interface ArrivalSchedule {
  readonly startRate: PerSecond;
  readonly stages: readonly Stage[];
}

/** One flow of one scenario: one k6 executor, so that its arrivals can be ranked against its own schedule. */
export interface FlowLoad {
  /** `web.orders`, `shop.orders`, ... */
  readonly flow: string;
  /** To which it is sent. Absent in older plans. */
  readonly service?: string;
  /** The name of the k6 scenario (executor) inside the script. */
  readonly executor: string;
  readonly schedule: ArrivalSchedule;
  /** The longest time that a request can take before its client gives up: rate × this = VUs needed. */
  readonly worstStallMs: Ms;
  readonly vus: number;
  /**
   * Whether the script can let surplus VUs idle (src/measure/reserve.ts). Possible only for a script with one
   * flow.
   */
  readonly standsBy?: boolean;
  /** The topics of which one gets a record for each good answer. Absent: records are not followed. */
  readonly records?: readonly string[];
  /** Of a foreign script. Absent: the script is one of ours. */
  readonly foreign?: ForeignFlow;
}

export interface ScenarioLoad {
  /** Name of `scenarios/<name>.ts`; of a foreign script, the name of its file without the ending. */
  readonly scenario: string;
  readonly script: string;
  readonly flows: readonly FlowLoad[];
  /**
   * The number of k6 processes that share the load, each with every n-th arrival; absent: one. VUs are a
   * multiple of it.
   */
  readonly generators?: number;
  /**
   * The number of redirects that a request follows; absent: none, so that a redirect is its outcome
   * (`http-307`).
   */
  readonly redirects?: number;
  /**
   * Measured memory of one VU in k6 without garbage, in kB. Absent: unknown, and k6's memory has no limit.
   */
  readonly vuKb?: number;
  /** Passed to the script as `__ENV`: addresses and settings, never a secret. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the services that it calls. Absent: all are plain. */
  readonly tls?: LoadTls;
  /** Absent: the script is one of ours. */
  readonly foreign?: ForeignLoad;
}

/** The same schedule with every rate multiplied. */
export const timesRate = (schedule: ArrivalSchedule, factor: number): ArrivalSchedule => ({
  startRate: perSecond(schedule.startRate * factor),
  stages: schedule.stages.map((stage) => ({ ...stage, to: perSecond(stage.to * factor) })),
});
