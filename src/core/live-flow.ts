/** What the live view shows of one flow: the last seconds, and the losses so far. */
export interface LiveFlow {
  readonly flow: string;
  /** Arrivals per second that were due, and that were started. */
  readonly dueRate: number;
  readonly attainedRate: number;
  /** Response times in ms; null without samples. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Share without a good answer, 0 to 1; null when nothing was due. */
  readonly failedRatio: number | null;
  /** Arrivals of the whole run for which no VU was free. */
  readonly droppedTotal: number;
}
