/** The paths of a run. */
import type { ReportInput } from '../input.ts';
import { PATH_TITLES, PATHS_LEAD, PATHS_TITLE, pathLines, pathNotes } from '../paths.ts';
import { num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

/** Null for a run that follows none. */
export function pathsSection({ result: { paths } }: ReportInput): Markup | null {
  if (paths === undefined) return null;
  const heads = PATH_TITLES.map((title, at) => (at < 2 ? { title } : num(title)));
  const rows = pathLines(paths).map(
    ({ flow, phase, cells }) =>
      html`<tr><th scope="row">${flow}</th><td>${phase}</td>${cells.map((one) => numCell(one))}</tr>`,
  );
  const notes = pathNotes(paths);
  return section('paths', PATHS_TITLE, PATHS_LEAD, [
    table('Paths and their stages by phase', heads, html`<tbody>${rows}</tbody>`),
    html`${notes.length > 0 && html`<ul class="remarks">${notes.map((one) => html`<li>${one}</li>`)}</ul>`}`,
  ]);
}
