import { describe, expect, it } from 'vitest';
import type { AuditFinding, AuditReading, AuditResult } from '../../../src/core/audit.ts';
import { epochMs, ms } from '../../../src/core/units.ts';
import { auditMarkdown } from '../../../src/report/audit-markdown.ts';
import { auditRows } from '../../../src/report/audit-rows.ts';
import { auditText, oneAuditText } from '../../../src/report/audit-text.ts';
import { auditSection } from '../../../src/report/html/audit.ts';
import type { ReportInput } from '../../../src/report/input.ts';

const finding = (
  kind: AuditFinding['kind'],
  name: string,
  more: Partial<AuditFinding> = {},
): AuditFinding => ({
  ...{ kind, namespace: 'shop', owner: `Deployment/${name}`, isAllowed: false },
  objects: [{ name: `${name}-1`, id: name, why: 'Ready is <False>', since: null }],
  ...more,
});
const reading = (...findings: AuditFinding[]): AuditReading => ({
  ...{ kind: 'read', at: epochMs(0), namespaces: ['shop'], pods: 1200, services: 1 },
  ...{ workloads: ['shop/Deployment/web'], findings, restarts: [] },
});

const fresh = finding('not-ready', 'web');
const old = finding('orphan', 'old');
const over = finding('pending', 'slow');
const allowed = finding('orphan', 'cache', { isAllowed: true });
const shown = finding('zero-replicas', 'batch');
const AUDIT: AuditResult = {
  ...{ before: reading(over, old, allowed, shown), after: reading(fresh, old, allowed, shown) },
  ...{ worse: [fresh], gone: ['shop/Deployment/lost'] },
  most: { 'not-ready': 0, orphan: 0, pending: 0 },
};

describe('the audits of a run in its reports', () => {
  it('have one row for each kind and owner, in the order of the kinds', () => {
    expect(
      auditRows(AUDIT).map(({ state, kind, owner, before, after }) => [state, kind, owner, before, after]),
    ).toEqual([
      ['over', 'pending', 'Deployment/slow', '1', '0'],
      ['new', 'not-ready', 'Deployment/web', '0', '1'],
      ['as before', 'orphan', 'Deployment/old', '1', '1'],
      ['allowed', 'orphan', 'Deployment/cache', '1', '1'],
      ['not judged', 'zero-replicas', 'Deployment/batch', '1', '1'],
    ]);
  });

  it('claim nothing about a side that is missing', () => {
    const rows = auditRows({ ...AUDIT, after: null, worse: [], gone: [] });
    expect(rows.find((one) => one.kind === 'pending')).toMatchObject({ state: 'not known', after: '–' });
    const text = auditText(
      { ...AUDIT, before: { kind: 'failed', why: 'no answer' } },
      { width: 120, color: false },
    );
    expect(text).toContain('Before the load: could not be made: no answer.');
    expect(text).not.toContain('as before');
  });

  it('say what was listed, what is gone, and the reasons', () => {
    const text = auditText(AUDIT, { width: 120, color: false });
    expect(text.split('\n').slice(0, 3)).toEqual([
      'Before the load: 1,200 pods, 1 workload and 1 Service in shop; 3 findings, and 1 allowed.',
      'After the last recovery: 1,200 pods, 1 workload and 1 Service in shop; 3 findings, and 1 allowed.',
      'No longer there: shop/Deployment/lost.',
    ]);
    expect(text).toContain('web-1: Ready is <False>');
  });

  it('are a table in Markdown and in HTML, with foreign text escaped', () => {
    expect(auditMarkdown(AUDIT)).toContain(
      '| **over** | pending | Deployment/slow | 1 | 0 | slow-1: Ready is \\<False\\> |',
    );
    const html = auditSection({ result: { audit: AUDIT } } as unknown as ReportInput)?.markup ?? '';
    expect(html.match(/<tr>/g)).toHaveLength(6);
    expect(html).toContain('Ready is &lt;False&gt;');
    expect(auditSection({ result: {} } as unknown as ReportInput)).toBeNull();
  });
});

it('one audit lists every object under its kind, with how many are accepted', () => {
  const rules = {
    ...{ most: AUDIT.most, pendingAfterMs: ms(0), restarts: { count: 3, perMs: ms(1000) } },
    ...{ sources: null, allow: {} },
  };
  const text = oneAuditText(reading(fresh, allowed, shown), rules, { width: 100, color: false });
  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    '1,200 pods, 1 workload and 1 Service in shop; 2 findings, and 1 allowed.',
    '  owner             object   seen',
    'not-ready: 1, at most 0',
    '  Deployment/web    web-1    Ready is <False>',
    'orphan: 0, at most 0',
    '  Deployment/cache  cache-1  allowed: Ready is <False>',
    'zero-replicas: 1, not judged',
    '  Deployment/batch  batch-1  Ready is <False>',
  ]);
});
