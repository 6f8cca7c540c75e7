/**
 * The journal of a run, kept in the target itself, for a platform that other machines can reach too. It
 * survives the machine that started the fault. The journal on disk comes first; this is a copy for other
 * machines.
 */

/** One act, as written before it begins. */
export interface JournalEntry {
  readonly id: string;
  /** The row of the run, such as `kill-pod#2`. */
  readonly name: string;
  readonly fault: string;
  /** Null: the act changes nothing, so there is nothing to undo. */
  readonly undo: { readonly fault: string; readonly data: unknown } | null;
  readonly ttlMs: number;
}

/** What remains of one run. */
export interface RunJournal {
  readonly run: string;
  /** The target that the run acted on, under the name that its machine used. */
  readonly identity: string;
  /** For people: `ConfigMap gauntlet-journal-x in shop`. */
  readonly where: string;
  /** Entries that are not closed, oldest first. */
  readonly open: readonly JournalEntry[];
  /** Why the journal cannot be read. `open` is then empty and proves nothing. */
  readonly damage?: string;
}

export interface ClusterJournal {
  /**
   * Resolves when the entry is stored and the target still belongs to this run: only then may its act begin.
   * @throws refused when it does not fit or another run has locked the target by now; or any error that
   * prevents the write.
   */
  open(run: string, entry: JournalEntry): Promise<void>;
  /** Idempotent; a success when there is no such run or entry. */
  close(run: string, id: string, evidence: string): Promise<void>;
  /** Deletes the journal: the run is over and none of its faults is in place. Idempotent. */
  finish(run: string): Promise<void>;
  /** The journals of all runs, living and dead. */
  list(): Promise<readonly RunJournal[]>;
}
