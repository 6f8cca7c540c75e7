/** Objects of Chaos Mesh as its controller leaves them, for the tests of links by it. */
import type { KubernetesHandle } from '../../../../src/core/acts/kubernetes-handle.ts';
import type { ChaosObjectJson, ChaosRecord } from '../../../../src/kube/chaos-mesh/network-chaos.ts';

export const HANDLE: KubernetesHandle = {
  kubeconfig: '/k',
  context: 'c',
  services: {
    gateway: { namespace: 'shop', selector: 'app=gateway' },
    redis: { namespace: 'data', selector: 'app=redis' },
  },
  chaosMesh: { probesFrom: ['10.0.0.7/32'], crossedBy: { 'gateway->redis': 'gateway' } },
};
export const PODS = { data: ['redis-0', 'redis-1'] };

export const record = (
  id: string,
  phase: string,
  injectedCount: number,
  recoveredCount: number,
): ChaosRecord => ({
  id,
  selectorKey: '.',
  phase,
  injectedCount,
  recoveredCount,
});
/** As Chaos Mesh writes it. */
export function object(
  records: readonly ChaosRecord[] | undefined,
  over: Partial<ChaosObjectJson> = {},
): ChaosObjectJson {
  return {
    metadata: { name: 'n', namespace: 'data', uid: 'u1', finalizers: ['chaos-mesh/records'] },
    spec: { selector: { pods: PODS } },
    ...(records && { status: { experiment: { desiredPhase: 'Run', containerRecords: records } } }),
    ...over,
  };
}
export const BOTH = [record('data/redis-0', 'Injected', 1, 0), record('data/redis-1', 'Injected', 1, 0)];
