/** Whether one fault works on a target now, found by planning it there. */
export interface FaultSupport {
  readonly fault: string;
  readonly works: boolean;
  /** What was planned, as an author would write it: the fault's example, with names of this target. */
  readonly tried: string;
  /** The victim that it would take now; null when it does not work. */
  readonly victim: string | null;
  /** Why it does not work, and what to do; empty when it does. */
  readonly reasons: readonly string[];
}
