/**
 * A namespace with a dialling and a dialled service, from a scripted API: pods are added, agents start in
 * them.
 */
import type { NetPodJson } from '../../../../../src/kube/links/agent/net-pods.ts';
import { ScriptedApi } from '../../scripted-api.ts';

export const PODS = '/api/v1/namespaces/shop/pods';
export const SERVICES = {
  web: { namespace: 'shop', selector: 'app=web' },
  db: { namespace: 'shop', selector: 'app=db' },
};
export const IMAGE = 'registry.test/netagent:1';

export interface Shop {
  readonly api: ScriptedApi;
  /** Changed by the test to change the cluster. */
  readonly pods: { web: NetPodJson[]; db: NetPodJson[] };
}

export const podJson = (name: string, app: string, ip: string, more: object = {}): NetPodJson => ({
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels: { app } },
  spec: {},
  status: { phase: 'Running', podIPs: [{ ip }] },
  ...more,
});

/** A pod with an agent of ours in this state. */
export const withAgent = (name: string, ip: string, state: object): NetPodJson =>
  podJson(name, 'web', ip, {
    spec: { ephemeralContainers: [{ name: 'gauntlet-net-old' }] },
    status: {
      phase: 'Running',
      podIPs: [{ ip }],
      ephemeralContainerStatuses: [{ name: 'gauntlet-net-old', state }],
    },
  });

export function openShop(): Shop {
  const api = new ScriptedApi();
  const pods: Shop['pods'] = {
    web: [podJson('web-1', 'web', '10.0.0.1')],
    db: [podJson('db-1', 'db', '10.0.0.9')],
  };
  api.answers.set(PODS, ({ query }) => ({
    items: query?.['labelSelector'] === 'app=web' ? pods.web : pods.db,
  }));
  api.answers.set('/api/v1/namespaces/shop/services', () => ({
    items: [
      { spec: { selector: { app: 'db' }, clusterIPs: ['10.96.0.9'], ports: [{ port: 6379 }] } },
      { spec: { selector: { app: 'db' }, clusterIPs: ['None'], ports: [{ port: 6379 }] } },
      { spec: { selector: { app: 'web' }, clusterIPs: ['10.96.0.1'] } },
      { spec: { clusterIPs: ['10.96.0.3'] } },
    ],
  }));
  // The API server adds the container, and the kubelet has started it by the next look.
  for (const name of ['web-1', 'web-2', 'db-1']) {
    api.answers.set(`${PODS}/${name}/ephemeralcontainers`, ({ body }) => {
      const { spec } = body as { spec: { ephemeralContainers: { name: string }[] } };
      const added = spec.ephemeralContainers[0]?.name ?? '';
      pods.web = pods.web.map((pod) => (pod.metadata?.name === name ? started(pod, added) : pod));
      return {};
    });
    api.answers.set(`${PODS}/${name}`, () => pods.web.find((pod) => pod.metadata?.name === name));
  }
  return { api, pods };
}

const started = (pod: NetPodJson, name: string): NetPodJson => ({
  ...pod,
  spec: { ...pod.spec, ephemeralContainers: [...(pod.spec?.ephemeralContainers ?? []), { name }] },
  status: {
    ...pod.status,
    ephemeralContainerStatuses: [
      ...(pod.status?.ephemeralContainerStatuses ?? []),
      { name, state: { running: {} } },
    ],
  },
});
