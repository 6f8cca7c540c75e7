/**
 * The journal of a run where its target is, for a platform that other machines reach too: what the machine
 * that started a fault would take with it when it dies. The journal on the disk stays the first one; this is
 * its copy for everybody else.
 */

/** One act, as it is written before it begins. */
export interface JournalEntry {
  readonly id: string;
  /** The row of the run, such as `kill-pod#2`. */
  readonly name: string;
  readonly fault: string;
  /** Null: nothing is changed, so there is nothing to undo. */
  readonly undo: { readonly fault: string; readonly data: unknown } | null;
  readonly ttlMs: number;
}

/** What is left of one run. */
export interface RunJournal {
  readonly run: string;
  /** The target that the run acted on, as its machine called it. */
  readonly identity: string;
  /** For people: `ConfigMap gauntlet-journal-x in shop`. */
  readonly where: string;
  /** Not closed, oldest first. */
  readonly open: readonly JournalEntry[];
  /** Why it cannot be read; then `open` is empty and says nothing. */
  readonly damage?: string;
}

export interface ClusterJournal {
  /**
   * Resolves when the entry is kept and the target is still ours: only then may its act begin.
   * @throws refused when it does not fit or somebody else has the target by now; whatever keeps it from being
   * written.
   */
  open(run: string, entry: JournalEntry): Promise<void>;
  /** Idempotent; a success when there is no such run or entry. */
  close(run: string, id: string, evidence: string): Promise<void>;
  /** The run is over and nothing of it is in place: its journal goes. Idempotent. */
  finish(run: string): Promise<void>;
  /** Of all runs, living and dead. */
  list(): Promise<readonly RunJournal[]>;
}
