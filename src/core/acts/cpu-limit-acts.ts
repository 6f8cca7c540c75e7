/**
 * The acts behind CPU stress in containers: the limit that the kernel keeps for one run of a container, and
 * what it counts there.
 */
import type { ContainerVictim } from '../topology.ts';

/** As the kernel keeps it: CPU time in each period, summed over all threads and CPUs. */
export interface CpuLimit {
  /** Null: no limit. */
  readonly quotaUs: number | null;
  readonly periodUs: number;
}

/** What the kernel counted for one run so far. */
export interface CpuCounts {
  readonly cpuMs: number;
  /** Time in which it was held back at its limit although it had work, summed over the CPUs. */
  readonly heldMs: number;
  /** Periods in which that happened. */
  readonly heldPeriods: number;
}

export type LimitedContainer = ContainerVictim & CpuCounts & { readonly limit: CpuLimit };

export interface CpuLimitActs {
  /**
   * The living instances of a service.
   * @throws refused where the limits of containers cannot be read and set from here.
   */
  list(service: string): Promise<readonly LimitedContainer[]>;
  /**
   * Idempotent. `gone`: this run has ended, and its limit with it. `foreign`: another party has set another
   * limit since, which stays.
   */
  set(victim: ContainerVictim, from: CpuLimit, to: CpuLimit): Promise<'set' | 'gone' | 'foreign'>;
  /** In how many periods of a short while from now on it is held back; null: this run has ended. */
  heldPeriods(victim: ContainerVictim): Promise<number | null>;
}

export const isSameLimit = (a: CpuLimit, b: CpuLimit): boolean =>
  a.quotaUs === b.quotaUs && a.periodUs === b.periodUs;

/** One of both, or a mixture: on cgroup v1 two files hold them, and a writer may die between the two. */
export const isBetween = (now: CpuLimit, from: CpuLimit, to: CpuLimit): boolean =>
  [from.quotaUs, to.quotaUs].includes(now.quotaUs) && [from.periodUs, to.periodUs].includes(now.periodUs);

/** CPUs; Infinity without a limit. */
export const cpusIn = ({ quotaUs, periodUs }: CpuLimit): number =>
  quotaUs === null ? Number.POSITIVE_INFINITY : quotaUs / periodUs;

export const sayLimit = (limit: CpuLimit): string =>
  limit.quotaUs === null
    ? `no CPU limit (period ${limit.periodUs / 1000} ms)`
    : `${Number(cpusIn(limit).toPrecision(3))} CPUs (${limit.quotaUs / 1000} ms in each ${limit.periodUs / 1000} ms)`;
