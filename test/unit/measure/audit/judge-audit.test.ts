import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NamespaceView } from '../../../../src/core/acts/audit-acts.ts';
import type { AuditGoal, AuditRules, AuditSide } from '../../../../src/core/audit.ts';
import { epochMs } from '../../../../src/core/units.ts';
import { auditResult, judgeAudit } from '../../../../src/measure/audit/judge-audit.ts';
import { readAudit } from '../../../../src/measure/audit/read-audit.ts';
import { ago, ended, NOW, pod, RULES, shop, view, workload } from './shop-view.ts';

const LATER = epochMs(NOW + 120_000);
const read = (more: Partial<NamespaceView> = {}, at = NOW, rules = RULES): AuditSide =>
  readAudit(view(more, at), rules);
const goal = (kind: AuditGoal['kind']): AuditGoal => ({ name: `audit ${kind}`, kind, source: null });

interface Sides {
  readonly before?: AuditSide | null;
  readonly after?: AuditSide | null;
}
function judged(kind: AuditGoal['kind'], sides: Sides, rules: AuditRules = RULES) {
  const { before = read(), after = read({}, LATER) } = sides;
  const { status, observed, note } = judgeAudit(goal(kind), auditResult({ before, after }, rules));
  return { status, observed, note };
}
const PASS = { status: 'PASS', observed: 0, note: null };

const crashing = (name: string) =>
  pod(name, { isReady: false }, { waiting: 'CrashLoopBackOff', restarts: 9, last: ended() });

/** One planted finding of each kind that can be judged. */
const PLANTED: Readonly<Record<string, Partial<NamespaceView>>> = {
  'crash-loop': { pods: [crashing('web-1'), pod('web-2')] },
  'image-pull': {
    pods: [pod('web-1', { phase: 'Pending', isReady: false }, { waiting: 'ErrImagePull' }), pod('web-2')],
  },
  pending: { pods: [pod('web-1', { phase: 'Pending', isReady: false }), pod('web-2')] },
  'not-ready': { pods: [pod('web-1', { isReady: false }), pod('web-2')] },
  'out-of-memory': {
    pods: [
      pod('web-1', {}, { restarts: 1, last: ended({ reason: 'OOMKilled', exitCode: 137 }) }),
      pod('web-2'),
    ],
  },
  'leftover-replicaset': {
    replicaSets: [
      ...shop().replicaSets,
      { uid: 'old', name: 'web-5bc', owner: 'Deployment/web', pods: 1, createdAt: ago(99_000) },
    ],
  },
  'no-endpoints': { services: [{ uid: 'svc', name: 'web', selects: { app: 'web' }, ready: 0 }] },
  orphan: { workloads: [workload(), workload({ owner: 'Deployment/old', name: 'old', wanted: 0 })] },
};

describe('audit no-worse', () => {
  it('passes where nothing has changed', () => {
    expect(judged('no-worse', {})).toEqual(PASS);
  });

  it.each(Object.entries(PLANTED))('fails on one planted %s', (kind, more) => {
    const { status, observed, note } = judged('no-worse', { after: read(more, LATER) });
    expect({ status, observed }).toEqual({ status: 'FAIL', observed: 1 });
    expect(note).toContain(`${kind} of `);
  });

  it.each(Object.entries(PLANTED))('passes on a %s that was there before', (_, more) => {
    expect(judged('no-worse', { before: read(more), after: read(more, LATER) })).toEqual(PASS);
  });

  it('fails when an owner has more of it than before, and not when another pod has it instead', () => {
    const before = read({ pods: [crashing('web-1'), pod('web-2')] });
    expect(
      judged('no-worse', { before, after: read({ pods: [crashing('web-1'), crashing('web-2')] }) }),
    ).toEqual({
      ...{ status: 'FAIL', observed: 1, note: 'crash-loop of Deployment/web' },
    });
    expect(judged('no-worse', { before, after: read({ pods: [pod('web-1'), crashing('web-2')] }) })).toEqual(
      PASS,
    );
  });

  it('fails on another kill of the kernel, although the owner had one before', () => {
    const killed = (seconds: number) => ({
      pods: [
        pod('web-1', {}, { restarts: 1, last: ended({ reason: 'OOMKilled', at: ago(seconds) }) }),
        pod('web-2'),
      ],
    });
    expect(judged('no-worse', { before: read(killed(900)), after: read(killed(-30), LATER) }).status).toBe(
      'FAIL',
    );
  });

  it('leaves out what is allowed and kinds that are not named', () => {
    const { orphan } = PLANTED;
    const allow = { ...RULES, allow: { orphan: ['old'] } };
    expect(judged('no-worse', { after: read(orphan, LATER, allow) }, allow)).toEqual(PASS);
    const unnamed = { ...RULES, most: { pending: 0 } };
    expect(judged('no-worse', { after: read(orphan, LATER, unnamed) }, unnamed)).toEqual(PASS);
  });

  it('cannot say whether a workload that is gone is well', () => {
    const old = workload({ owner: 'Deployment/web-old', name: 'web-old', wanted: 0 });
    const before = read({ workloads: [workload(), old] });
    expect(judged('no-worse', { before })).toEqual({
      ...{ status: 'INCONCLUSIVE', observed: 0, note: 'no longer there: shop/Deployment/web-old' },
    });
  });
});

describe('restarts between the audits', () => {
  const withRestarts = (uid: string, restarts: number, at = NOW): AuditSide =>
    read({ pods: [pod('web-1', { uid }, { restarts }), pod('web-2')] }, at);

  it('are a crash loop above the limit, by uid', () => {
    const before = withRestarts('a', 100);
    expect(judged('no-worse', { before, after: withRestarts('a', 103, LATER) })).toEqual(PASS);
    expect(judged('no-worse', { before, after: withRestarts('a', 104, LATER) })).toEqual({
      ...{ status: 'FAIL', observed: 1, note: 'crash-loop of Deployment/web' },
    });
  });

  it('count from 0 for a new pod of the same name', () => {
    const before = withRestarts('a', 100);
    expect(judged('no-worse', { before, after: withRestarts('b', 3, LATER) })).toEqual(PASS);
    expect(judged('no-worse', { before, after: withRestarts('b', 4, LATER) }).status).toBe('FAIL');
  });

  it('are allowed in proportion to the time between the audits (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 100 }), (rise, minutes) => {
        const at = epochMs(NOW + minutes * 60_000);
        const { status } = judged('no-worse', {
          before: withRestarts('a', 7),
          after: withRestarts('a', 7 + rise, at),
        });
        return (status === 'FAIL') === rise > 3 * Math.max(1, minutes / 10);
      }),
    );
  });
});

describe('audit clean', () => {
  it('judges the audit after the last recovery, whatever was before', () => {
    const broken = read(PLANTED['pending']);
    expect(judged('clean', { before: broken })).toEqual(PASS);
    expect(judged('clean', { before: null })).toEqual(PASS);
    expect(judged('clean', { before: broken, after: broken })).toEqual({
      ...{ status: 'FAIL', observed: 1, note: 'pending of Deployment/web' },
    });
  });

  it('accepts as many objects as the rules say', () => {
    const most = (count: number) => ({ ...RULES, most: { 'crash-loop': count } });
    const after = read({ pods: [crashing('web-1'), crashing('web-2')] });
    expect(judged('clean', { after }, most(2))).toEqual(PASS);
    expect(judged('clean', { after }, most(1))).toEqual({
      ...{ status: 'FAIL', observed: 2, note: 'crash-loop of Deployment/web ×2' },
    });
  });
});

describe('an audit that was not made', () => {
  const failed: AuditSide = { kind: 'failed', why: 'list pods in shop: no answer' };
  const empty = read({ pods: [], workloads: [], replicaSets: [], services: [] });

  it.each([
    ['no-worse', { before: null }, 'the run ended before the audit before the load'],
    ['no-worse', { after: null }, 'the run ended before the audit after the last recovery'],
    [
      'no-worse',
      { before: failed },
      'the audit before the load could not be made: list pods in shop: no answer',
    ],
    [
      'clean',
      { after: failed },
      'the audit after the last recovery could not be made: list pods in shop: no answer',
    ],
    ['clean', { after: empty }, 'the audit after the last recovery found no pod and no workload in shop'],
  ] as const)('is never a PASS of %s %j', (kind, sides, note) => {
    expect(judged(kind, sides)).toEqual({ status: 'NO-DATA', observed: null, note });
  });
});
