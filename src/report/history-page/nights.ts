/** A row a night, newest first: a table that is whole without any script. */
import type { Night } from '../../core/night.ts';
import { badge, breakable, headRow, num, numCell, section, statusBadge, table } from '../html/parts.ts';
import { html, type Markup, type Piece } from '../html/tag.ts';
import {
  counted,
  firstReason,
  hrefOf,
  type NightReport,
  nightTime,
  type PageTrend,
  reportOf,
  sectionId,
} from './view.ts';

/** Rows that the script leaves; the others come with a button. */
export const ROWS_FIRST = 10;

const HEADS = [
  { title: 'Compare', classes: 'needs-script' },
  { title: 'Night' },
  { title: 'Verdict' },
  { title: 'First reason' },
  { title: 'Tested versions' },
  num('Quarantine', 'Fault and service level pairs that did not decide'),
  num('Seed'),
];

export function nightsSection(page: PageTrend, index: number): Markup {
  const { trend } = page;
  const id = `${sectionId(index)}-nights`;
  const begins = new Map(trend.segments.map((segment, at) => [segment.from, { ...segment, at }]));
  const rows = trend.nights.map((night, at) => {
    const segment = begins.get(night.id);
    const isFirst = at === 0;
    const opened = segment !== undefined && !isFirst && segmentRow(segment.at, segment.because);
    // Newest first: what began with a night is below it.
    return html`${nightRow(night, at, reportOf(page, night))}${opened}`;
  });
  const body =
    rows.length === 0
      ? html`<p class="nothing">No night is recorded yet.</p>`
      : html`${table('Nights, newest first', HEADS, html`<tbody>${rows.reverse()}</tbody>`)}
<p class="more needs-script"><span class="shown"></span> <button type="button" class="all-nights" hidden></button></p>`;
  return section(
    id,
    'Nights',
    html`The date opens the report of a night. <span class="needs-script">Choose two nights to compare them.</span>`,
    body,
  );
}

function nightRow(night: Night, at: number, report: NightReport): Markup {
  const time = nightTime(night.startedAt);
  const href = hrefOf(report);
  const reason = firstReason(night);
  const others = night.reasons.length - 1;
  return html`<tr data-night="${at}"><td class="needs-script"><input type="checkbox" class="choose" aria-label="Compare the night of ${time}"></td>
<th scope="row">${href === null ? time : html`<a href="${href}">${time}</a>`}${reportNote(report)}<small>${breakable(night.run)}</small></th>
<td>${statusBadge(night.status)}${night.runStatus !== night.status && html`<small>the run alone: ${night.runStatus}</small>`}</td>
<td class="reason">${reason === null ? '' : reason.text}${others > 0 && html`<small>and ${counted(others, 'more reason')}</small>`}</td>
<td class="versions">${versionsOf(night)}</td>${numCell(night.quarantine.length === 0 ? '0' : badge(String(night.quarantine.length), 'warn'))}${numCell(String(night.seed))}</tr>
`;
}

function reportNote(report: NightReport): Piece {
  switch (report.kind) {
    case 'copied':
      return null;
    case 'linked':
      return html`<small>report kept elsewhere</small>`;
    case 'told':
      return html`<small>report recorded as ${report.text}</small>`;
    case 'not-kept':
      return html`<small>report not kept</small>`;
  }
}

function versionsOf({ subject }: Night): Piece {
  const each = Object.entries(subject);
  if (each.length === 0) return html`<span class="soft">not told</span>`;
  return each.map(
    ([service, version]) =>
      html`<span class="version">${breakable(service)} <b>${shortVersion(version)}</b></span>`,
  );
}

/** Digests and commits by their first 12 digits, as their own tools do. */
export const shortVersion = (version: string): string =>
  version.replace(/\b(?:sha256:)?([0-9a-f]{12})[0-9a-f]{20,}\b/g, '$1');

const segmentRow = (at: number, because: string | null): Markup =>
  html`<tr class="begin"><td colspan="${HEADS.length}"><span class="rule">▲ segment S${at + 1} begins${because !== null && html`: ${because}`}</span></td></tr>
`;

/** The same columns for the comparison that the script fills. */
export const compareHeads = headRow([{ title: '' }, { title: 'Earlier night' }, { title: 'Later night' }]);
