/** The workloads of the fake platform: one Deployment a service, whose instances are its seats. */
import type { Workload, WorkloadActs, WorkloadState } from '../../src/core/acts/workload-acts.ts';
import type { FakeInstances } from './fake-instances.ts';

export interface FakeWorkloadOptions {
  /** Of each workload, such as an autoscaler. */
  readonly scaler?: string;
  /** Over what is told of each workload. */
  readonly workload?: Partial<WorkloadState>;
}

/** @param caughtUp does an act in the present state of the world. */
export function fakeWorkloads(
  instances: FakeInstances,
  { scaler, workload: over }: FakeWorkloadOptions,
  caughtUp: <T>(act: () => T) => T,
): WorkloadActs {
  const stateOf = (service: string): WorkloadState => {
    const roll = instances.rollOf(service);
    const replicas = instances.count(service);
    return {
      ...{ service, kind: 'Deployment', name: service, namespace: 'shop', uid: `uid-of-${service}` },
      ...{ replicas, mark: roll?.mark ?? null, updated: roll?.updated ?? 0, isSettled: roll?.isOver ?? true },
      ...{ mostMissing: 1, noRestart: null, setBy: null },
      ...over,
    };
  };
  const isThere = ({ service, uid }: Workload): boolean =>
    uid === `uid-of-${service}` && instances.lives(service).length > 0;
  return {
    list: async (service) => caughtUp(() => (instances.list(service).length === 0 ? [] : [stateOf(service)])),
    read: async (workload) => caughtUp(() => (isThere(workload) ? stateOf(workload.service) : null)),
    scaler: async () => scaler ?? null,
    roll: async (workload, mark) =>
      caughtUp(() => {
        if (!isThere(workload)) return 'gone';
        instances.roll(workload.service, mark);
        return 'sent';
      }),
    scale: async (workload, from, to) =>
      caughtUp(() => {
        if (!isThere(workload)) return 'gone';
        if (instances.count(workload.service) !== from) return 'changed';
        instances.scale(workload.service, to);
        return 'set';
      }),
  };
}
