/**
 * The text of one run's journal in a cluster: lines as in `journal.ndjson`, so that people read both alike. It stays below
 * the size of a ConfigMap by forgetting entries that are closed; an open one is never forgotten.
 */

import type { JournalEntry } from '../../core/acts/cluster-journal.ts';
import { GauntletError } from '../../core/errors.ts';

export type JournalHead = {
  readonly kind: 'journal';
  readonly run: string;
  readonly identity: string;
  /** Who held the lock when the run began; absent when nobody did. */
  readonly holder?: string;
  /** ISO 8601, by the clock of the machine that ran it: for people only. */
  readonly at: string;
};
type OpenedLine = { readonly kind: 'opened' } & JournalEntry;
type ClosedLine = { readonly kind: 'closed'; readonly id: string; readonly evidence: string };

export interface JournalText {
  readonly head: JournalHead;
  readonly lines: readonly (OpenedLine | ClosedLine)[];
}

/** A ConfigMap holds 1 MiB (1,048,576 bytes) in keys and values; the rest is for both keys and a margin. */
export const MOST_BYTES = 1_000_000;
/** Evidence is for people; a closing line must not need more room than its entry gives back. */
const EVIDENCE_LENGTH = 500;

export const openIn = ({ lines }: JournalText): readonly JournalEntry[] =>
  lines
    .filter((line) => line.kind === 'opened')
    .filter((line) => !lines.some((other) => other.kind === 'closed' && other.id === line.id))
    .map(({ kind: _, ...entry }) => entry);

/** Opening twice is opening once: an answer may have been lost. */
export const withOpened = (journal: JournalText, entry: JournalEntry): JournalText =>
  journal.lines.some((line) => line.kind === 'opened' && line.id === entry.id)
    ? journal
    : { ...journal, lines: [...journal.lines, { kind: 'opened', ...entry }] };

/** The same journal when there is nothing to close. */
export const withClosed = (journal: JournalText, id: string, evidence: string): JournalText =>
  openIn(journal).some((entry) => entry.id === id)
    ? {
        ...journal,
        lines: [...journal.lines, { kind: 'closed', id, evidence: evidence.slice(0, EVIDENCE_LENGTH) }],
      }
    : journal;

/** @throws refused when what is open alone is too large. */
export function journalText(journal: JournalText, mostBytes = MOST_BYTES): string {
  let { lines } = journal;
  for (;;) {
    const text = `${[journal.head, ...lines].map((line) => JSON.stringify(line)).join('\n')}\n`;
    const bytes = Buffer.byteLength(text);
    if (bytes <= mostBytes) return text;
    const oldest = lines.find((line) => line.kind === 'closed')?.id;
    if (oldest === undefined) throw tooLarge(journal.head.run, bytes, mostBytes);
    lines = lines.filter((line) => line.id !== oldest);
  }
}

function tooLarge(run: string, bytes: number, mostBytes: number): GauntletError {
  const number = (value: number): string => value.toLocaleString('en-US');
  const problem = {
    subject: `journal of run ${run}`,
    expected: `at most ${number(mostBytes)} bytes of open undos, as a ConfigMap holds them`,
    got: number(bytes),
    next: 'Choose fewer victims for this fault, or hold fewer faults at the same time.',
  };
  return new GauntletError('refused', [problem]);
}

/** @throws when a line is not one of ours: what is open is then not known. */
export function parseJournal(text: string): JournalText {
  const [head, ...lines] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly kind?: string });
  if (head?.kind !== 'journal') throw new Error('its first line is not the head of a journal');
  const strange = lines.find((line) => line.kind !== 'opened' && line.kind !== 'closed');
  if (strange) throw new Error(`it has a line of kind ${JSON.stringify(strange.kind)}`);
  return { head: head as JournalHead, lines: lines as (OpenedLine | ClosedLine)[] };
}
