/** A fault as an annotation of a time series: from its injection to its removal. */
export interface FaultAnnotation {
  /** Epoch ms, whole. */
  readonly time: number;
  /** Null: it was never proven removed, so the region is open. */
  readonly timeEnd: number | null;
  readonly tags: readonly string[];
  readonly text: string;
}
