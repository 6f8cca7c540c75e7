/** A namespace of a shop as an audit lists it: `web` with two pods behind a Service. */
import type {
  AuditView,
  ContainerView,
  EndView,
  NamespaceView,
  PodView,
  WorkloadView,
} from '../../../../src/core/acts/audit-acts.ts';
import type { AuditRules } from '../../../../src/core/audit.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';

/** By the clock of the cluster. */
export const NOW = epochMs(Date.parse('2026-11-29T12:00:00Z'));
export const ago = (seconds: number) => epochMs(NOW - seconds * 1000);

export const RULES: AuditRules = {
  most: {
    ...{ 'crash-loop': 0, 'image-pull': 0, pending: 0, 'not-ready': 0, 'out-of-memory': 0 },
    ...{ 'leftover-replicaset': 0, 'no-endpoints': 0, orphan: 0 },
  },
  pendingAfterMs: ms(60_000),
  restarts: { count: 3, perMs: ms(600_000) },
  sources: { names: ['web_service'], alias: {} },
  allow: {},
};

export const ended = (more: Partial<EndView> = {}): EndView => ({
  ...{ reason: 'Error', exitCode: 1, startedAt: ago(130), at: ago(120) },
  ...more,
});

export const container = (more: Partial<ContainerView> = {}): ContainerView => ({
  ...{ name: 'app', isInit: false, restarts: 0, waiting: null, ended: null, last: null },
  ...more,
});

export const pod = (
  name: string,
  more: Partial<PodView> = {},
  inside: Partial<ContainerView> = {},
): PodView => ({
  ...{ uid: `uid-${name}`, name, owner: 'Deployment/web', phase: 'Running', reason: null },
  ...{ createdAt: ago(9000), goneBy: null, isReady: true, readySince: ago(8000) },
  containers: [container(inside)],
  ...more,
});

export const workload = (more: Partial<WorkloadView> = {}): WorkloadView => ({
  ...{ owner: 'Deployment/web', name: 'web', wanted: 2, createdAt: ago(9000), labels: { app: 'web' } },
  ...more,
});

export const shop = (more: Partial<NamespaceView> = {}): NamespaceView => ({
  namespace: 'shop',
  pods: [pod('web-1'), pod('web-2')],
  workloads: [workload()],
  replicaSets: [{ uid: 'rs', name: 'web-7d9', owner: 'Deployment/web', pods: 2, createdAt: ago(9000) }],
  services: [{ uid: 'svc', name: 'web', selects: { app: 'web' }, ready: 2 }],
  ...more,
});

export const view = (more: Partial<NamespaceView> = {}, at = NOW): AuditView => ({
  at,
  namespaces: [shop(more)],
});
