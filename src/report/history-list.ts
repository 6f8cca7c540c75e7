/** The nights of a history on a terminal: one line each, oldest first: readers look at the last line. */
import pc from 'picocolors';
import type { HistoryOf } from '../core/history.ts';
import type { Night } from '../core/night.ts';
import { plain } from '../core/plain.ts';
import { reasonsWorstFirst } from './rows.ts';
import { cell, renderGroups, type TextColumn, type TextGroup, type TextStyle } from './terminal-table.ts';
import { toneOfStatus, tonePainter } from './tone.ts';

export interface ListedNights extends HistoryOf {
  /** Oldest first. */
  readonly nights: readonly Night[];
  /** Older ones that are not shown. */
  readonly hidden: number;
  readonly pinned: string | null;
  /** One sentence; null: none. */
  readonly headline: string | null;
}

const left = (title: string): TextColumn => ({ title, align: 'left' });

/** @param where as the user wrote it. */
export function historyList(where: string, parts: readonly ListedNights[], style: TextStyle): string {
  if (parts.length === 0) return `${plain(where)}: no night yet.`;
  const columns = [left('night (UTC)'), left('verdict'), left('first reason'), left('id')];
  const paint = tonePainter(pc.createColors(style.color));
  return parts
    .map((part) => `${paint(titleOf(part), 'strong')}\n${renderGroups(columns, [groupOf(part)], style)}`)
    .join('\n\n');
}

/** Whole, on a line of its own: it is the answer. */
const titleOf = ({ campaign, environment, nights, hidden, headline }: ListedNights): string =>
  plain(
    `${campaign} on ${environment}, ${countText(nights.length + hidden)}${headline === null ? '' : `: ${headline}`}`,
  );

const groupOf = ({ nights, hidden, pinned }: ListedNights): TextGroup => ({
  title: null,
  rows: [
    ...(hidden === 0 ? [] : [[cell(`${hidden} older`, 'soft')]]),
    ...nights.map((night) => [
      cell(night.startedAt.slice(0, 16).replace('T', ' ')),
      cell(night.status, toneOfStatus(night.status)),
      cell(plain(reasonsWorstFirst(night.reasons)[0]?.text ?? '')),
      cell(`${shortId(night)}${night.id === pinned ? ' pinned' : ''}`, 'soft'),
    ]),
  ],
});

export const countText = (nights: number): string => (nights === 1 ? '1 night' : `${nights} nights`);

/** The end of an id: enough to name a night in a history. */
export const shortId = ({ id }: Night): string => id.slice(id.lastIndexOf('-') + 1);
