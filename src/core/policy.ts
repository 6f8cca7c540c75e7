/**
 * What the owner of a target allows there: the `policy` block of its file. Without it, nothing is allowed.
 */
import type { PerSecond } from './units.ts';

export interface FaultPolicy {
  /** Faults: false unless the file says so. */
  readonly optIn: boolean;
  /** Services and instances that no fault may affect. */
  readonly protected: readonly string[];
  /** Those of them that the target's own list does not name, with what protects them: `system shop`. */
  readonly protectedBy?: Readonly<Record<string, string>>;
  /** What the system protects and this target does not. */
  readonly unprotected?: readonly string[];
  /** `any`, or hours in UTC such as `09:00-17:00` or `Mon-Fri 09:00-17:00`; for faults and for load. */
  readonly hours: string;
}

export interface LoadPolicy {
  /** Whether a target that is not on this machine accepts load. Default: as it accepts faults. */
  readonly optIn: boolean;
  /** Arrivals of all flows together; null = the file sets no ceiling. */
  readonly maxRate: PerSecond | null;
}

export interface TargetPolicy extends FaultPolicy {
  readonly load: LoadPolicy;
}
