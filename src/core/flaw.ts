/** What is wrong with a file of a run directory, as data: how it is told is up to whoever has all of them. */
export interface Flaw {
  /** As it is called in the run directory: `counts.ndjson`, `k6/load-end.json`. */
  readonly file: string;
  /** From 1; absent when it is the file as a whole. */
  readonly line?: number;
  /** The last line of a stretch of which it is not known which line it is. */
  readonly toLine?: number;
  readonly text: string;
  /** The file that says something else, when two do not agree and either may be wrong. */
  readonly against?: string;
}
