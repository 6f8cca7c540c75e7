/** Whether one fault works on a target now, found by planning it there. */
export interface FaultSupport {
  readonly fault: string;
  readonly works: boolean;
  /**
   * What was planned, in the form that a user would write: the fault's example, with names of this target.
   */
  readonly tried: string;
  /** The victim that it would choose now; null when it does not work. */
  readonly victim: string | null;
  /** Why it does not work, and what to do; empty when it does. */
  readonly reasons: readonly string[];
}
