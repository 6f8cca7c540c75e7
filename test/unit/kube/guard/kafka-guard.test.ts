/** A change of a setting of a Kafka in the cluster: whose brokers may get it, and which are refused. */
import { describe, expect, it } from 'vitest';
import type { ActName } from '../../../../src/core/acts/act-names.ts';
import { kubeGuard } from '../../../../src/kube/guard/guard.ts';
import { sayNeeds } from '../../../../src/kube/guard/permissions.ts';
import { ScriptedApi } from '../scripted-api.ts';

const WHERE = { namespace: 'bus', selector: 'app=kafka' };
const ACTS: readonly ActName[] = ['kafka.partitions', 'kafka.setConfig'];

function rig(hosts: readonly string[], { optIn = true, services = { bus: WHERE } as object } = {}) {
  const api = new ScriptedApi();
  api.answers.set('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', () => ({
    status: { allowed: true },
  }));
  const labels = optIn ? { 'gauntlet.dev/faults': 'enabled' } : {};
  api.answers.set('/api/v1/namespaces/bus', () => ({ metadata: { labels } }));
  api.answers.set('/api/v1/namespaces/bus/pods', () => ({
    metadata: { resourceVersion: '10' },
    items: [0, 1].map((id) => ({
      metadata: { uid: `k${id}`, name: `kafka-${id}`, namespace: 'bus', resourceVersion: '5' },
      status: { phase: 'Running', podIPs: [{ ip: `10.244.1.${id}` }] },
    })),
  }));
  return kubeGuard(api, services as never, { kafkaHosts: { bus: async () => hosts } });
}

const texts = async (
  guard: ReturnType<typeof rig>,
  acts = ACTS,
  about = ['bus'],
): Promise<readonly string[]> =>
  (await guard.refusals([], acts, about)).map(
    ({ subject, expected, got }) => `${subject}: ${expected}, got ${got}`,
  );

describe('a setting of a Kafka in the cluster', () => {
  it.each([
    ['addresses of its pods', ['10.244.1.0', '10.244.1.1']],
    ['names of its pods', ['kafka-0.brokers.bus.svc.cluster.local', 'kafka-1.brokers.bus.svc']],
  ])('is changed where its brokers advertise %s', async (_, hosts) => {
    expect(await texts(rig(hosts))).toEqual([]);
  });

  it('is not changed where one of them is no such pod, wherever the address leads', async () => {
    expect(await texts(rig(['kafka-0.brokers.bus.svc', 'kafka.example.com']))).toEqual([
      'bus.address of the target: brokers that advertise pods "app=kafka" in bus (kafka-0, kafka-1), got kafka.example.com',
    ]);
    expect(await texts(rig([]))).toEqual([
      'bus.address of the target: brokers that advertise pods "app=kafka" in bus (kafka-0, kafka-1), got none',
    ]);
    expect(await texts(rig(['10.244.1.0'], { services: {} }))).toEqual([
      'bus: the pods that it is, got no such service',
    ]);
  });

  it('needs the opt-in of each pod that would obey', async () => {
    expect(await texts(rig(['10.244.1.0', '10.244.1.1'], { optIn: false }))).toEqual(
      ['kafka-0', 'kafka-1'].map(
        (pod) =>
          `pod ${pod} in bus: label gauntlet.dev/faults=enabled on its namespace or on its workload's pod template, got no such label`,
      ),
    );
  });

  it('is no concern of a fault that only asks, or is about another service', async () => {
    expect(await texts(rig([]), ['kafka.partitions'])).toEqual([]);
    expect(await texts(rig([]), ACTS, ['web'])).toEqual([]);
  });

  it('needs the right to list pods', () => {
    expect(sayNeeds(ACTS)).toBe('get namespaces, list pods');
  });
});
