/** Audits on a terminal: those of a run, and one alone. */
import { AUDIT_KINDS, type AuditReading, type AuditResult, type AuditRules } from '../core/audit.ts';
import { plain } from '../core/plain.ts';
import { wrapped } from '../core/wrap.ts';
import { auditLines, auditRows, readingText } from './audit-rows.ts';
import { cell, renderGroups, type TextColumn, type TextStyle } from './terminal-table.ts';

const left = (title: string): TextColumn => ({ title, align: 'left' });
const right = (title: string): TextColumn => ({ title, align: 'right' });

export function auditText(audit: AuditResult, style: TextStyle): string {
  const rows = auditRows(audit).map((one) => [
    cell(one.state, one.tone),
    cell(one.kind),
    cell(plain(one.owner)),
    cell(one.before),
    cell(one.after),
    cell(plain(one.seen)),
  ]);
  const columns = [
    left('state'),
    left('finding'),
    left('owner'),
    right('before'),
    right('after'),
    left('seen'),
  ];
  const lines = auditLines(audit).flatMap((line) => wrapped(plain(line), style.width, '', '  '));
  return [
    ...lines,
    ...(rows.length === 0 ? [] : [renderGroups(columns, [{ title: null, rows }], style)]),
  ].join('\n');
}

/** Every object of one audit, by kind, with how many of it are accepted. */
export function oneAuditText(reading: AuditReading, { most }: AuditRules, style: TextStyle): string {
  const groups = AUDIT_KINDS.flatMap((kind) => {
    const found = reading.findings.filter((one) => one.kind === kind);
    if (found.length === 0) return [];
    const judged = found.filter((one) => !one.isAllowed);
    const count = judged.reduce((sum, one) => sum + one.objects.length, 0);
    const allowed = most[kind];
    const said = allowed === undefined ? 'not judged' : `at most ${allowed}`;
    const isOver = allowed !== undefined && count > allowed;
    return [
      {
        title: `${kind}: ${count}, ${said}`,
        tone: isOver ? ('bad' as const) : ('soft' as const),
        rows: found.flatMap(({ namespace, owner, objects, isAllowed }) =>
          objects.map(({ name, why }) => [
            cell(`  ${plain(reading.namespaces.length > 1 ? `${namespace} ${owner}` : owner)}`),
            cell(plain(name)),
            cell(`${isAllowed ? 'allowed: ' : ''}${plain(why)}`, isAllowed ? 'soft' : 'plain'),
          ]),
        ),
      },
    ];
  });
  const columns = [left('  owner'), left('object'), left('seen')];
  const said = wrapped(`${readingText(reading)}.`, style.width, '', '  ');
  return [...said, ...(groups.length === 0 ? [] : [renderGroups(columns, groups, style)])].join('\n');
}
