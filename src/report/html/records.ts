/** The ledger of records of a run. */
import type { ReportInput } from '../input.ts';
import {
  PARTITION_TITLES,
  partitionLines,
  RECORD_TITLES,
  RECORDS_LEAD,
  RECORDS_TITLE,
  recordLines,
  recordNotes,
} from '../records.ts';
import { num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

/** Null for a run that follows none. */
export function recordsSection({ result: { records } }: ReportInput): Markup | null {
  if (records === undefined) return null;
  const heads = RECORD_TITLES.map((title, at) => (at < 2 ? { title } : num(title)));
  const rows = recordLines(records).map(
    ({ flow, phase, cells }) =>
      html`<tr><th scope="row">${flow}</th><td>${phase}</td>${cells.map((one) => numCell(one))}</tr>`,
  );
  const partitionHeads = PARTITION_TITLES.map((title, at) => (at < 1 ? { title } : num(title)));
  const partitions = partitionLines(records).map(
    ([name = '', ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((one) => numCell(one))}</tr>`,
  );
  const notes = recordNotes(records);
  return section('records', RECORDS_TITLE, RECORDS_LEAD, [
    table('Records by flow and phase', heads, html`<tbody>${rows}</tbody>`),
    table('Records by partition', partitionHeads, html`<tbody>${partitions}</tbody>`),
    html`${notes.length > 0 && html`<ul class="remarks">${notes.map((one) => html`<li>${one}</li>`)}</ul>`}`,
  ]);
}
