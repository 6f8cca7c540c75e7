/**
 * The write-ahead journal of one run: an undo is on disk before its act begins, so that any process can
 * replay it. Two processes append (the harness and its lease keeper); lines are short and complete, and a
 * truncated last line is marked.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { PlatformHandle } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { redactAll } from '../../core/secrets.ts';
import { JOURNAL_SCHEMA, journalLineShape, parseJournalLine } from '../../core/shapes/journal-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { type LineFile, openLineFile, writeWhole } from '../../system/durable-file.ts';
import { type Holder, thisHolder } from '../../system/holder.ts';
import { makeFolder } from '../../system/make-folder.ts';
import type { Places } from '../../system/places.ts';
import type { UndoRecord } from '../fault.ts';

export type JournalLine =
  | {
      readonly kind: 'journal';
      /** Absent in journals of versions that did not write it. */
      readonly schema?: typeof JOURNAL_SCHEMA;
      readonly run: string;
      readonly platform: PlatformHandle;
      readonly owner: Holder;
      readonly at: number;
    }
  | {
      readonly kind: 'opened';
      readonly id: string;
      /** The row of the run, such as `kill-pod#2`. */
      readonly name: string;
      readonly fault: string;
      readonly undo: UndoRecord | null;
      readonly ttlMs: number;
      readonly at: number;
    }
  | {
      readonly kind: 'closed';
      readonly id: string;
      readonly outcome: 'undone';
      readonly holder: string;
      readonly evidence: string;
      readonly at: number;
    }
  /** The lease has expired: from here on the harness must not begin any act. */
  | { readonly kind: 'expired'; readonly holder: string; readonly why: string; readonly at: number }
  /** The line before this one was truncated by the death of its writer. */
  | { readonly kind: 'torn'; readonly at: number };

export type OpenedLine = Extract<JournalLine, { kind: 'opened' }>;
export type ClosedLine = Extract<JournalLine, { kind: 'closed' }>;
export type ExpiredLine = Extract<JournalLine, { kind: 'expired' }>;

export interface JournalContent {
  readonly header: Extract<JournalLine, { kind: 'journal' }>;
  /** Entries that are not closed, oldest first. */
  readonly open: readonly OpenedLine[];
  readonly closed: readonly ClosedLine[];
  readonly expired: ExpiredLine | undefined;
  /**
   * What must be undone once the owner is dead, oldest first: open entries, and those that the keeper closed
   * while the owner only hung. An owner that resumed in the middle of an act may have acted after the undo,
   * and died before it could notice.
   */
  readonly unsettled: readonly OpenedLine[];
}

/** Why a keeper acts although its harness may be alive. */
export const NOT_RENEWED = 'the lease was not renewed';

export interface Journal {
  readonly path: string;
  readonly run: string;
  /** On disk when it returns. @throws refused when the lease has expired meanwhile. */
  open(entry: Pick<OpenedLine, 'id' | 'name' | 'fault' | 'undo' | 'ttlMs'>): void;
  close(id: string, holder: string, evidence: string): void;
  /** The lease keeper's entries, if it had to act. */
  expired(): ExpiredLine | undefined;
  closedBy(id: string): ClosedLine | undefined;
  /** The end of the run: removes it from the index of open journals unless an entry is still open. */
  finish(): void;
}

export const journalIndexFolder = (places: Places): string => join(places.state, 'journals');
const indexPath = (places: Places, run: string): string =>
  join(journalIndexFolder(places), `${encodeURIComponent(run)}.json`);

/** One file per journal that may be open, so that recovery needs no knowledge of run directories. */
export interface JournalIndexEntry {
  readonly run: string;
  readonly journal: string;
  /** Checked by the process that asks whether it is alive (holder.ts), and not trusted before that. */
  readonly owner: unknown;
  /**
   * The target's identity: known even when the journal itself cannot be read. Absent in entries of older
   * versions.
   */
  readonly identity?: string;
}

const indexShape = z.object({
  run: z.string(),
  journal: z.string(),
  owner: z.unknown(),
  identity: z.string().exactOptional(),
});

/** @throws when the file cannot be read or is not one of our entries. */
export function readIndexEntry(file: string): JournalIndexEntry {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const parsed = indexShape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(shapeProblem(indexShape, value)?.text ?? 'not an entry of the index');
}

export function createJournal(options: {
  readonly path: string;
  readonly places: Places;
  readonly run: string;
  readonly platform: PlatformHandle;
  readonly clock: Clock;
  /** The process whose death opens the journal to recovery; default this process. */
  readonly owner?: Holder;
}): Journal {
  const { path, places, run, clock } = options;
  if (existsSync(path)) {
    const problem = { subject: `journal ${path}`, expected: 'a file that does not exist yet', got: 'one' };
    throw new GauntletError('usage', [problem]);
  }
  makeFolder(dirname(path));
  makeFolder(journalIndexFolder(places));
  const owner = options.owner ?? thisHolder();
  const append = appender(path, clock);
  append({
    kind: 'journal',
    schema: JOURNAL_SCHEMA,
    run,
    platform: options.platform,
    owner,
    at: clock.now(),
  });
  // After the header: an index entry without a journal then always means that the journal was deleted.
  const { identity } = options.platform;
  const index: JournalIndexEntry = { run, journal: path, owner, identity };
  writeWhole(indexPath(places, run), JSON.stringify(index));
  return {
    path,
    run,
    open(entry) {
      refuseExpired(path);
      append({ kind: 'opened', ...entry, at: clock.now() });
      // Read again, after our line: the keeper marks first and reads then, so one of the two sees the other's
      // line.
      refuseExpired(path);
    },
    close: (id, holder, evidence) =>
      append({ kind: 'closed', id, outcome: 'undone', holder, evidence, at: clock.now() }),
    expired: () => readJournal(path).expired,
    closedBy: (id) => readJournal(path).closed.find((line) => line.id === id),
    finish() {
      if (readJournal(path).open.length === 0) removeIndex(places, run);
    },
  };
}

/**
 * Appends to another process's journal, after marking its truncated last line. Each line is on disk on
 * return.
 */
export function appender(path: string, clock: Clock): (line: JournalLine) => void {
  return (line) => {
    const torn = existsSync(path) && !['', '\n'].includes(readFileSync(path, 'utf8').slice(-1));
    const file: LineFile = openLineFile(path, { fsync: true });
    try {
      if (torn) file.append(`\n${JSON.stringify({ kind: 'torn', at: clock.now() })}`);
      file.append(JSON.stringify(redactAll(line)));
    } finally {
      file.close();
    }
  };
}

export const removeIndex = (places: Places, run: string): void =>
  rmSync(indexPath(places, run), { force: true });

/**
 * The only parser of a journal on disk.
 * @throws when the file cannot be read, or when a line other than a truncated last one is damaged or from
 * another version: the open entries are then unknown.
 */
export function readJournal(path: string): JournalContent {
  const lines = parseLines(path, readFileSync(path, 'utf8'));
  const header = lines[0];
  if (header?.kind !== 'journal') throw new Error(`${path}: the first line is not the head of a journal`);
  const closed = lines.filter((line) => line.kind === 'closed');
  const opened = lines.filter((line) => line.kind === 'opened');
  const expired = lines.find((line) => line.kind === 'expired');
  const unclosed = (ends: readonly ClosedLine[]): readonly OpenedLine[] =>
    opened.filter((line) => !ends.some((end) => end.id === line.id));
  const isFinal = (end: ClosedLine): boolean => expired?.why !== NOT_RENEWED || end.holder !== expired.holder;
  return { header, closed, open: unclosed(closed), expired, unsettled: unclosed(closed.filter(isFinal)) };
}

export const openEntries = (path: string): readonly OpenedLine[] => readJournal(path).open;

function parseLines(path: string, text: string): JournalLine[] {
  const raw = text.split('\n').filter((line) => line !== '');
  return raw.flatMap((line, index) => {
    try {
      return [parseJournalLine(journalLineShape, line) as JournalLine];
    } catch (error) {
      const isTail = index === raw.length - 1 && !text.endsWith('\n');
      const isMarked = raw[index + 1]?.startsWith('{"kind":"torn"') === true;
      if (error instanceof SyntaxError && (isTail || isMarked)) return [];
      const why = error instanceof SyntaxError ? 'is damaged' : `cannot be read: ${messageOf(error)}`;
      throw new Error(`${path}: line ${index + 1} ${why}`);
    }
  });
}

function refuseExpired(path: string): void {
  const expired = readJournal(path).expired;
  if (expired === undefined) return;
  throw new GauntletError('refused', [
    { subject: 'lease', expected: 'a living lease', got: `expired (${expired.holder}: ${expired.why})` },
  ]);
}
