/** The ledger of records on a terminal. */
import { plain } from '../core/plain.ts';
import type { ReportInput } from './input.ts';
import { RECORD_TITLES, RECORDS_TITLE, recordLines, recordNotes } from './records.ts';
import { cell, renderGroups, type TextStyle } from './terminal-table.ts';

/** Empty for a run that follows none. */
export function recordsText(
  { result: { records } }: ReportInput,
  style: TextStyle,
  title: (text: string) => string,
  wrap: (text: string, width: number) => string,
): readonly string[] {
  if (records === undefined) return [];
  const [, ...titles] = RECORD_TITLES;
  const columns = titles.map((one, at) => ({
    title: at === 0 ? `  ${one.toLowerCase()}` : one.toLowerCase(),
    align: at === 0 ? ('left' as const) : ('right' as const),
  }));
  const lines = recordLines(records);
  const groups = [...new Set(lines.map((one) => one.flow))].map((flow) => ({
    title: plain(flow),
    rows: lines
      .filter((one) => one.flow === flow)
      .map(({ phase, cells, isBad, isLate }) => [
        cell(`  ${plain(phase)}`),
        ...cells.map((one) => cell(one, isBad ? 'bad' : isLate ? 'warn' : 'plain')),
      ]),
  }));
  return [
    title(RECORDS_TITLE),
    renderGroups(columns, groups, style),
    ...recordNotes(records).map((one) => wrap(plain(one), style.width)),
    '',
  ];
}
