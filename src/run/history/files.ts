/** The files of a history, wherever they are kept. */
export interface HistoryFiles {
  /** How messages name it: as the user wrote it. */
  readonly where: string;
  /** Every file, relative to the root, `/` between folders, sorted. */
  list(): readonly string[];
  /** @throws the system's error. */
  read(path: string): string;
  /** Whole or not at all, and on the disk when it returns. Does nothing when the same text is there. */
  write(path: string, text: string): void;
  /** Replaces a file that is derived from the others. Absent: none is kept here. */
  derive?(path: string, text: string): void;
  /** Shows others what was written. @throws unavailable: it is kept here, and sent the next time. */
  publish(): Promise<void>;
  close(): Promise<void>;
}
