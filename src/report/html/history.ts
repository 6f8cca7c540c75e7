/** A candidate against earlier runs. */
import { HISTORY_TITLES, historyRows, leftOutText } from '../history.ts';
import type { ReportInput } from '../input.ts';
import { num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

/** Null for a run that was compared with none. */
export function historySection({ result: { history } }: ReportInput): Markup | null {
  if (history === undefined) return null;
  const heads = HISTORY_TITLES.map((title, at) => (at === 0 || at > 5 ? { title } : num(title)));
  const rows = historyRows(history).map(
    ({ name, cells, status, note }) =>
      html`<tr><th scope="row">${name}</th>${cells.map((one) => numCell(one))}<td>${statusBadge(status)}</td><td>${note ?? ''}</td></tr>`,
  );
  const left = leftOutText(history);
  return section('history', 'Candidate against earlier runs', history.sentence, [
    table('Metrics against earlier runs', heads, html`<tbody>${rows}</tbody>`),
    ...(left.length === 0 ? [] : [html`<ul>${left.map((one) => html`<li>${one}</li>`)}</ul>`]),
  ]);
}
