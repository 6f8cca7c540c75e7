import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NamespaceView, PodView } from '../../../../src/core/acts/audit-acts.ts';
import type { AuditRules } from '../../../../src/core/audit.ts';
import { readAudit, unsettled } from '../../../../src/measure/audit/read-audit.ts';
import { comparable, sourceFinder } from '../../../../src/measure/audit/sources.ts';
import { ago, container, ended, NOW, pod, RULES, view, workload } from './shop-view.ts';

/** `crash-loop Deployment/web web-1: ...`, one line an object. */
const seen = (more: Partial<NamespaceView> = {}, rules: AuditRules = RULES): readonly string[] =>
  readAudit(view(more), rules).findings.flatMap(({ kind, owner, objects, isAllowed }) =>
    objects.map(({ name, why }) => `${kind} ${owner} ${name}: ${why}${isAllowed ? ' (allowed)' : ''}`),
  );
const ofPod = (more: Partial<PodView>, inside = {}): readonly string[] =>
  seen({ pods: [pod('web-1', more, inside), pod('web-2')] });

describe('a namespace in order', () => {
  it('shows nothing', () => {
    expect(seen()).toEqual([]);
  });
});

describe('crash-loop', () => {
  it('is what the kubelet calls so, with its restarts and its last end', () => {
    expect(ofPod({ isReady: false }, { waiting: 'CrashLoopBackOff', restarts: 297, last: ended() })).toEqual([
      'crash-loop Deployment/web web-1: CrashLoopBackOff: 297 restarts of app, last end Error (1)',
    ]);
  });

  it('is a pod that runs, and is ready, between two crashes', () => {
    expect(ofPod({}, { restarts: 297, last: ended() })).toEqual([
      'crash-loop Deployment/web web-1: between two crashes: 297 restarts of app, last end Error (1)',
    ]);
  });

  it('is a pod whose container has just ended again', () => {
    expect(ofPod({ isReady: false }, { restarts: 459, ended: ended() })).toEqual([
      'crash-loop Deployment/web web-1: between two crashes: 459 restarts of app, last end Error (1)',
    ]);
  });

  it('counts an init container too', () => {
    const containers = [container({ name: 'wait', isInit: true, restarts: 1, waiting: 'CrashLoopBackOff' })];
    expect(ofPod({ phase: 'Pending', isReady: false, containers })).toEqual([
      'crash-loop Deployment/web web-1: CrashLoopBackOff: 1 restart of wait',
    ]);
  });

  it('is no pod that has run for longer than the time of the limit', () => {
    expect(ofPod({}, { restarts: 297, last: ended({ startedAt: ago(700), at: ago(601) }) })).toEqual([]);
  });

  it('is no pod that ran for days before its last crash', () => {
    expect(ofPod({}, { restarts: 297, last: ended({ startedAt: ago(90_000) }) })).toEqual([]);
  });

  it('is no pod within the limit', () => {
    expect(ofPod({}, { restarts: 3, last: ended() })).toEqual([]);
  });

  it('is doubted where the instants are missing', () => {
    const last = ended({ startedAt: null, at: null });
    expect(ofPod({}, { restarts: 4, last })).toHaveLength(1);
  });
});

describe('other kinds of a pod', () => {
  it('image-pull names the container and the reason', () => {
    expect(ofPod({ phase: 'Pending', isReady: false }, { waiting: 'ImagePullBackOff' })).toEqual([
      'image-pull Deployment/web web-1: app: ImagePullBackOff',
    ]);
  });

  it('pending says why, as far as the cluster does', () => {
    expect(ofPod({ phase: 'Pending', isReady: false, containers: [] })).toEqual([
      'pending Deployment/web web-1: Pending',
    ]);
    expect(ofPod({ phase: 'Pending', isReady: false, containers: [], reason: 'Unschedulable' })).toEqual([
      'pending Deployment/web web-1: Unschedulable',
    ]);
    expect(ofPod({ phase: 'Pending', isReady: false }, { waiting: 'CreateContainerConfigError' })).toEqual([
      'pending Deployment/web web-1: app: CreateContainerConfigError',
    ]);
  });

  it('not-ready is a running pod that is not ready, a failed one, and one that does not end', () => {
    expect(ofPod({ isReady: false })).toEqual(['not-ready Deployment/web web-1: Ready is False']);
    expect(ofPod({ isReady: false, phase: 'Failed', reason: 'Evicted' })).toContain(
      'not-ready Deployment/web web-1: failed: Evicted',
    );
    expect(ofPod({ isReady: false, goneBy: ago(60) })).toContain(
      'not-ready Deployment/web web-1: Terminating, and overdue',
    );
  });

  it('not-ready is a pod that was never created', () => {
    expect(seen({ pods: [pod('web-1')] })).toEqual(['not-ready Deployment/web pod 2 of 2: not there']);
  });

  it('leaves out a pod that has done its work, and one that is on its way out', () => {
    const done = pod('job-1', { owner: 'Job/job', phase: 'Succeeded', isReady: false });
    const leaving = pod('web-0', { isReady: false, goneBy: ago(-20) });
    expect(seen({ pods: [pod('web-1'), pod('web-2'), done, leaving] })).toEqual([]);
  });

  it('out-of-memory is a kill of the kernel, beside the crash loop that it may cause', () => {
    const last = ended({ reason: 'OOMKilled', exitCode: 137 });
    expect(ofPod({}, { restarts: 1, last })).toEqual([
      'out-of-memory Deployment/web web-1: app: last end OOMKilled (137)',
    ]);
    expect(ofPod({ isReady: false }, { restarts: 14, waiting: 'CrashLoopBackOff', last })).toEqual([
      'crash-loop Deployment/web web-1: CrashLoopBackOff: 14 restarts of app, last end OOMKilled (137)',
      'out-of-memory Deployment/web web-1: app: last end OOMKilled (137)',
    ]);
  });
});

describe('kinds of workloads and Services', () => {
  it('leftover-replicaset names the older one', () => {
    const older = { uid: 'old', name: 'web-5bc', owner: 'Deployment/web', pods: 1, createdAt: ago(99_000) };
    const newer = { uid: 'rs', name: 'web-7d9', owner: 'Deployment/web', pods: 2, createdAt: ago(9000) };
    expect(seen({ replicaSets: [older, newer] })).toEqual([
      'leftover-replicaset Deployment/web web-5bc: has 1 pod beside those of web-7d9',
    ]);
    expect(seen({ replicaSets: [{ ...older, pods: 0 }, newer] })).toEqual([]);
  });

  it('no-endpoints is a Service that selects pods and has none that is ready', () => {
    const service = { uid: 'svc', name: 'web', selects: { app: 'web' }, ready: 0 };
    expect(seen({ services: [service] })).toEqual([
      'no-endpoints Service/web web: none of Deployment/web is ready',
    ]);
    expect(seen({ services: [{ ...service, selects: { app: 'wbe' } }] })).toEqual([
      'no-endpoints Service/web web: selects no workload',
    ]);
    expect(seen({ services: [{ ...service, selects: {} }] })).toEqual([]);
  });

  it('orphan is a workload without a source', () => {
    expect(
      seen({ workloads: [workload(), workload({ owner: 'StatefulSet/old', name: 'old', wanted: 0 })] }),
    ).toEqual([
      'orphan StatefulSet/old old: no source has this name',
      'zero-replicas StatefulSet/old old: wants 0 replicas',
    ]);
    expect(seen({}, { ...RULES, sources: { names: ['front'], alias: { web: 'front' } } })).toEqual([]);
    expect(seen({}, { ...RULES, sources: null })).toEqual([]);
  });

  it('zero-replicas explains a Service without endpoints only where it is allowed', () => {
    const none = {
      ...{ pods: [], workloads: [workload({ wanted: 0 })] },
      services: [{ uid: 'svc', name: 'web', selects: { app: 'web' }, ready: 0 }],
    };
    expect(seen(none)).toEqual([
      'no-endpoints Service/web web: none of Deployment/web is ready',
      'zero-replicas Deployment/web web: wants 0 replicas',
    ]);
    expect(seen(none, { ...RULES, allow: { 'zero-replicas': ['w*'] } })).toEqual([
      'zero-replicas Deployment/web web: wants 0 replicas (allowed)',
    ]);
  });
});

describe('what may be over soon', () => {
  const open = (more: Partial<PodView>, rules = RULES) =>
    unsettled(readAudit(view({ pods: [pod('web-1', more), pod('web-2')] }), rules), rules).map(
      (one) => one.kind,
    );

  it('is what began less than pendingAfter ago', () => {
    const starting = { phase: 'Pending', isReady: false, containers: [] };
    expect(open({ ...starting, createdAt: ago(59) })).toEqual(['pending']);
    expect(open({ ...starting, createdAt: ago(60) })).toEqual([]);
    expect(open({ isReady: false, readySince: ago(5) })).toEqual(['not-ready']);
  });

  it('is nothing that is allowed or not judged', () => {
    const fresh = { isReady: false, readySince: ago(5) };
    expect(open(fresh, { ...RULES, allow: { 'not-ready': ['web'] } })).toEqual([]);
    expect(open(fresh, { ...RULES, most: { orphan: 0 } })).toEqual([]);
  });
});

describe('sources', () => {
  it('are compared without _, -, case and the suffix service', () => {
    expect(['order_book_service', 'Order-Book', 'orderbook-service'].map(comparable)).toEqual(
      Array(3).fill('orderbook'),
    );
    expect(comparable('service')).toBe('service');
  });

  it('have every spelling of themselves (property)', () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const hasSource = sourceFinder({ names: [`${parts.join('_')}_service`], alias: {} });
        return hasSource(parts.join('-')) && hasSource(`${parts.join('-')}-service`.toUpperCase());
      }),
    );
  });
});

it('counts what it has listed, and restarts by uid', () => {
  const reading = readAudit(view({ pods: [pod('web-1', {}, { restarts: 2 }), pod('web-2')] }), RULES);
  expect(reading).toMatchObject({
    ...{ at: NOW, namespaces: ['shop'], pods: 2, services: 1, workloads: ['shop/Deployment/web'] },
    restarts: [{ uid: 'uid-web-1', pod: 'web-1', namespace: 'shop', owner: 'Deployment/web', count: 2 }],
  });
});
