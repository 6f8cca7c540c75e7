/** Set by an action; read once by main.ts when the command is over. */
export interface Outcome {
  exitCode: number;
  /** The exit code is a verdict that is also in the run directory: lost output does not change it. */
  isVerdict?: boolean;
}
