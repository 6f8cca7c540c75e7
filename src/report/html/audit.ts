/** The audits of the namespaces, before the load and after the last recovery. */
import { AUDIT_TITLE, auditLines, auditRows } from '../audit-rows.ts';
import type { ReportInput } from '../input.ts';
import { badge, breakable, nothing, num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

/** Null for a run without any. */
export function auditSection({ result: { audit } }: ReportInput): Markup | null {
  if (audit === undefined) return null;
  const heads = [
    { title: 'State' },
    { title: 'Finding' },
    { title: 'Owner' },
    num('Before', 'Objects, such as pods, that showed it before the load'),
    num('After', 'Objects, such as pods, that showed it after the last recovery'),
    { title: 'Seen' },
  ];
  const rows = auditRows(audit).map(
    (one) => html`<tr>
<td>${badge(one.state, one.tone)}</td>
<td>${one.kind}</td>
<th scope="row">${breakable(one.owner)}</th>
${numCell(one.before)}
${numCell(one.after)}
<td class="source">${one.seen}</td>
</tr>`,
  );
  const body =
    rows.length === 0
      ? nothing('No finding on either side.')
      : table('Findings of the audits by kind and owner', heads, html`<tbody>${rows}</tbody>`);
  const lines = auditLines(audit).map((line) => html`<p class="summary">${line}</p>`);
  return section('audit', AUDIT_TITLE, null, html`${lines}${body}`);
}
