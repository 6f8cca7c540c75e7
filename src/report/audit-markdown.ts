/** The audits of a run in Markdown. */
import type { AuditResult } from '../core/audit.ts';
import { auditLines, auditRows } from './audit-rows.ts';
import { escapeMarkdown as md } from './escape.ts';
import { mdTable } from './md-table.ts';

export function auditMarkdown(audit: AuditResult): string[] {
  const rows = auditRows(audit).map((one) => [
    `**${one.state}**`,
    ...[one.kind, md(one.owner), one.before, one.after, md(one.seen)],
  ]);
  const table = mdTable(['State', 'Finding', 'Owner', 'Before', 'After', 'Seen'], 'lllrrl', rows);
  const lines = auditLines(audit).map((line) => `- ${md(line)}`);
  return rows.length === 0 ? lines : [...lines, '', ...table];
}
