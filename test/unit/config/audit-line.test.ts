import { expect, it } from 'vitest';
import { isAuditLine, parseAuditLine } from '../../../src/config/audit-line.ts';

it('reads both objectives, with any blanks', () => {
  expect(parseAuditLine('audit clean')).toEqual({ ok: true, value: { name: 'audit clean', kind: 'clean' } });
  expect(parseAuditLine('  audit   no-worse ')).toEqual({
    ok: true,
    value: { name: 'audit no-worse', kind: 'no-worse' },
  });
});

it('is a line that begins with the word audit', () => {
  expect(
    ['audit', ' audit clean', 'audit.flow p99 < 1s in baseline', 'audits clean'].map(isAuditLine),
  ).toEqual([...[true, true, false, false]]);
});

it.each([
  ['audit', 6, 'audit clean or audit no-worse', 'the end of the line', undefined],
  ['audit cleen', 7, 'audit clean or audit no-worse', '"cleen"', 'Did you mean clean?'],
  ['audit clean in baseline', 13, 'the end of the line', '"in"', undefined],
])('%s: column %i', (line, column, expected, got, next) => {
  const problem = { column, expected, got, ...(next !== undefined && { next }) };
  expect(parseAuditLine(line)).toEqual({ ok: false, problems: [problem] });
});
