/** What a history offers; where it is kept does not matter. */
import type { Problem } from '../../core/errors.ts';
import type { HistoryOf, Pin, ToldChange } from '../../core/history.ts';
import type { Night } from '../../core/night.ts';
import type { QuarantineEntry } from '../../core/quarantine.ts';

/** Absent fields: any. */
export type HistoryFilter = Partial<HistoryOf>;

/** Readers throw a usage error with every record that is damaged: a history with a hole is no answer. */
export interface HistoryStore {
  /** As the user wrote it. */
  readonly where: string;
  /** Oldest first. Each call sees what others have added to the folder meanwhile. */
  nights(of?: HistoryFilter): readonly Night[];
  /**
   * On the disk when it returns. @throws usage when its run has another record already; defect when its id is
   * not that of its content.
   */
  add(night: Night): 'added' | 'already-there';
  /** Every pin that was set or taken away, oldest first. */
  pins(of?: HistoryFilter): readonly Pin[];
  /** Id of the reference night, or null. */
  pinned(of: HistoryOf): string | null;
  /** @throws usage: no such night in that campaign and environment. */
  pin(pin: Omit<Pin, 'schema'>): void;
  told(of?: HistoryFilter): readonly ToldChange[];
  tell(changes: readonly Omit<ToldChange, 'schema'>[]): void;
  /** Each entry once, in its latest state, by when it began. */
  quarantine(of?: HistoryFilter): readonly QuarantineEntry[];
  /** A new entry, or one that is lifted now. */
  putQuarantine(entry: QuarantineEntry): void;
  /** Every record that is damaged, foreign, of another version or at the wrong place. */
  problems(): readonly Problem[];
  /**
   * Whether `index.ndjson` says what the records say. It is derived, never read, and written by every publish
   * of a folder; a branch has none.
   */
  index(): 'fresh' | 'stale' | 'missing' | 'none';
  /** Shows others what was added. @throws unavailable: all of it is kept, and sent by the next publish. */
  publish(): Promise<void>;
  close(): Promise<void>;
}
