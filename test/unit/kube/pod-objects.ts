/** A pod of a shop as an API server has it. */
import type { PodJson } from '../../../src/kube/pods/pod-record.ts';

export const WHERE = { namespace: 'shop', selector: 'app=web' };
export const PODS = '/api/v1/namespaces/shop/pods';
export const SLICES = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
export const VICTIM = { service: 'web', instance: 'web-1', namespace: 'shop', uid: 'u1' };

export const yes = (type: string) => ({ type, status: 'True', lastTransitionTime: '2026-11-21T07:00:03Z' });
export function pod(
  uid: string,
  version: number,
  extra: { isDeleting?: boolean; bare?: boolean } = {},
): PodJson {
  return {
    metadata: {
      uid,
      name: `web-${uid}`,
      namespace: 'shop',
      resourceVersion: String(version),
      creationTimestamp: '2026-11-21T07:00:01Z',
      ...(extra.isDeleting && { deletionTimestamp: '2026-11-21T07:10:00Z' }),
    },
    spec: { nodeName: 'node-1' },
    status: extra.bare
      ? { phase: 'Pending' }
      : {
          phase: 'Running',
          conditions: [yes('PodScheduled'), yes('Ready')],
          containerStatuses: [{ restartCount: 2, state: { running: { startedAt: '2026-11-21T07:00:02Z' } } }],
        },
  };
}
