/** What the owner of a target allows there: the `policy` block of its file. Without it nothing is allowed. */
import type { PerSecond } from './units.ts';

export interface FaultPolicy {
  /** Faults: false unless the file says so. */
  readonly optIn: boolean;
  /** Services and instances that no fault may touch. */
  readonly protected: readonly string[];
  /** `any`, or hours in UTC such as `09:00-17:00` or `Mon-Fri 09:00-17:00`; of faults and of load. */
  readonly hours: string;
}

export interface LoadPolicy {
  /**
   * Whether a target that is not on this machine takes load: as it takes faults, unless the file says
   * otherwise.
   */
  readonly optIn: boolean;
  /** Arrivals of all flows together; null = the file names no ceiling. */
  readonly maxRate: PerSecond | null;
}

export interface TargetPolicy extends FaultPolicy {
  readonly load: LoadPolicy;
}
