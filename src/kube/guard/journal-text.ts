/**
 * The text of one run's journal in a cluster: lines as in `journal.ndjson`, so that people read both alike.
 * It stays below the size of a ConfigMap by dropping closed entries; an open one is never dropped.
 */

import type { JournalEntry } from '../../core/acts/cluster-journal.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import {
  type ClusterJournalLine,
  clusterJournalLineShape,
  parseJournalLine,
} from '../../core/shapes/journal-shape.ts';

type Line<Kind extends ClusterJournalLine['kind']> = Extract<ClusterJournalLine, { kind: Kind }>;

export interface JournalText {
  readonly head: Line<'journal'>;
  readonly lines: readonly Line<'opened' | 'closed'>[];
}

/** A ConfigMap holds 1 MiB (1,048,576 bytes) in keys and values; the rest is for both keys and a margin. */
export const MOST_BYTES = 1_000_000;
/** Evidence is for people; a closing line must not need more space than its entry frees. */
const EVIDENCE_LENGTH = 500;

export const openIn = ({ lines }: JournalText): readonly JournalEntry[] =>
  lines
    .filter((line) => line.kind === 'opened')
    .filter((line) => !lines.some((other) => other.kind === 'closed' && other.id === line.id))
    .map(({ kind: _, ...entry }) => entry);

/** Opening twice has the effect of once: an answer may have been lost. */
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

/** @throws refused when the open entries alone are too large. */
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

/** @throws when a line is not one of ours: the open entries are then unknown. */
export function parseJournal(text: string): JournalText {
  const [head, ...lines] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => parseLine(line, index + 1));
  if (head?.kind !== 'journal') throw new Error('its first line is not the head of a journal');
  const strange = lines.findIndex((line) => line.kind === 'journal');
  if (strange >= 0) throw new Error(`its line ${strange + 2} is a second head`);
  return { head, lines: lines.filter((line) => line.kind !== 'journal') };
}

function parseLine(line: string, number: number): ClusterJournalLine {
  try {
    return parseJournalLine(clusterJournalLineShape, line);
  } catch (error) {
    throw new Error(`its line ${number}: ${messageOf(error)}`);
  }
}
