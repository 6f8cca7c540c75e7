/** The ledger of records in Markdown. */
import type { RecordsResult } from '../core/records.ts';
import { escapeMarkdown } from './escape.ts';
import { mdTable } from './md-table.ts';
import {
  PARTITION_TITLES,
  partitionLines,
  RECORD_TITLES,
  RECORDS_LEAD,
  recordLines,
  recordNotes,
} from './records.ts';

const md = escapeMarkdown;

export function recordsMarkdown(records: RecordsResult): readonly string[] {
  const rows = recordLines(records).map(({ flow, phase, cells }) => [md(flow), md(phase), ...cells]);
  const partitions = partitionLines(records).map(([name = '', ...cells]) => [md(name), ...cells]);
  const notes = recordNotes(records).map((one) => `- ${md(one)}`);
  return [
    RECORDS_LEAD,
    '',
    ...mdTable(RECORD_TITLES, 'llrrrrr', rows),
    '',
    ...mdTable(PARTITION_TITLES, 'lrrrrrrr', partitions),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ];
}
