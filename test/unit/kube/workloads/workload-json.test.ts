/** What the object of a workload says, as `kubectl rollout status` reads it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../../../src/core/acts/workload-acts.ts';
import { type WorkloadJson, workloadState } from '../../../../src/kube/workloads/workload-json.ts';

const WEB: Workload = { service: 'web', kind: 'Deployment', name: 'web', namespace: 'shop', uid: 'd1' };
const SET: Workload = { ...WEB, kind: 'StatefulSet' };
type Spec = NonNullable<WorkloadJson['spec']>;
type Status = NonNullable<WorkloadJson['status']>;

const deployed: Status = { observedGeneration: 4, replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
const deployment = (status: Status, spec: Spec = {}) =>
  workloadState(WEB, { metadata: { generation: 4 }, spec: { replicas: 3, ...spec }, status });
const rolled: Status = { observedGeneration: 2, readyReplicas: 3, currentRevision: 'b', updateRevision: 'b' };
const set = (status: Status, spec: Spec = {}) =>
  workloadState(SET, { metadata: { generation: 2 }, spec: { replicas: 3, ...spec }, status });

describe('the rollout of a Deployment', () => {
  it('is over when every instance is new, available, and no old one is left', () => {
    expect(deployment(deployed).isSettled).toBe(true);
    expect(deployment({ ...deployed, updatedReplicas: 2 }).isSettled).toBe(false);
    expect(deployment({ ...deployed, replicas: 4 }).isSettled).toBe(false);
    expect(deployment({ ...deployed, availableReplicas: 2 }).isSettled).toBe(false);
  });

  it('has no new instance until its controller has seen the newest template', () => {
    const stale = deployment({ ...deployed, observedGeneration: 3 });
    expect(stale).toMatchObject({ isSettled: false, updated: 0 });
    expect(deployment(deployed).updated).toBe(3);
  });

  it('takes away what its strategy allows: rounded down, never none of both', () => {
    const most = (replicas: number, rollingUpdate: object): number =>
      deployment(deployed, { replicas, strategy: { type: 'RollingUpdate', rollingUpdate } }).mostMissing;
    expect(most(3, {})).toBe(0);
    expect(most(4, {})).toBe(1);
    expect(most(10, { maxUnavailable: '29%' })).toBe(2);
    expect(most(3, { maxUnavailable: 2 })).toBe(2);
    expect(most(3, { maxUnavailable: 0, maxSurge: 0 })).toBe(1);
    expect(most(3, { maxUnavailable: 'half' })).toBe(3);
    expect(deployment(deployed, { strategy: { type: 'Recreate' } }).mostMissing).toBe(3);
  });

  it('is refused while it is paused, and where an operator owns it', () => {
    expect(deployment(deployed, { paused: true }).noRestart).toEqual({
      why: 'its rollout is paused',
      fix: 'Its owner resumes it with: kubectl rollout resume deployment/web -n shop',
    });
    const ownerReferences = [{ apiVersion: 'shop.io/v1', kind: 'Shop', name: 'main', controller: true }];
    const owned = workloadState(WEB, { metadata: { generation: 4, ownerReferences }, status: deployed });
    expect(owned.noRestart).toEqual(owned.setBy);
    expect(owned.setBy?.why).toBe('Shop main owns it and decides about it');
    expect(deployment(deployed)).toMatchObject({ noRestart: null, setBy: null });
  });
});

describe('the rollout of a StatefulSet', () => {
  it('is over when the new revision is the current one and every instance is ready', () => {
    expect(set(rolled).isSettled).toBe(true);
    expect(set({ ...rolled, currentRevision: 'a' }).isSettled).toBe(false);
    expect(set({ ...rolled, readyReplicas: 2 }).isSettled).toBe(false);
    expect(set({ ...rolled, observedGeneration: 1 }).isSettled).toBe(false);
  });

  it('takes one at a time unless it says otherwise, and is refused where it restarts nothing or not all', () => {
    expect(set(rolled).mostMissing).toBe(1);
    expect(set(rolled, { updateStrategy: { rollingUpdate: { maxUnavailable: '50%' } } }).mostMissing).toBe(2);
    expect(set(rolled, { updateStrategy: { type: 'OnDelete' } }).noRestart?.why).toBe(
      'its updateStrategy is OnDelete, under which nothing restarts',
    );
    expect(set(rolled, { updateStrategy: { rollingUpdate: { partition: 2 } } }).noRestart?.why).toBe(
      'its partition 2 keeps the instances below that number as they are',
    );
    expect(set(rolled).noRestart).toBeNull();
  });
});

it('never says that more are missing than there are', () => {
  const share = fc.oneof(
    fc.nat(50),
    fc.nat(200).map((one) => `${one}%`),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.nat(20), share, share, (replicas, maxUnavailable, maxSurge) => {
      const spec = { replicas, strategy: { rollingUpdate: { maxUnavailable, maxSurge } } };
      const { mostMissing } = deployment(deployed, spec);
      expect(mostMissing).toBeGreaterThanOrEqual(0);
      expect(mostMissing).toBeLessThanOrEqual(replicas);
    }),
  );
});
