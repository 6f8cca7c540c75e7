/**
 * Nodes and pods that are only reported as running (kwok): real scheduling, watches and controllers at any
 * scale, without a kubelet.
 */
import { KubeClient } from '../../../../src/kube/client/client.ts';
import { openKubeconfig } from '../../../../src/kube/client/kubeconfig.ts';

/** 110 pods each, as a kubelet allows: room for 5,500. */
const NODES = 50;
const ROOM = { cpu: '32', memory: '256Gi', pods: '110' };
/** The context that `mkube pki` writes. */
export const TEST_CONTEXT = 'gauntlet-test';

export const kwokCommand = (kwok: string, kubeconfig: string): readonly string[] => [
  kwok,
  `--kubeconfig=${kubeconfig}`,
  '--manage-all-nodes=true',
  '--node-lease-duration-seconds=40',
];

/** Spread over three zones. @throws ApiError, ApiUnreachable. */
export async function addFakeNodes(kubeconfig: string): Promise<void> {
  const client = new KubeClient(openKubeconfig(kubeconfig, TEST_CONTEXT));
  try {
    await Promise.all(
      Array.from({ length: NODES }, (_, index) =>
        client.ask({
          method: 'POST',
          path: '/api/v1/nodes',
          what: `add node kwok-${index}`,
          body: {
            apiVersion: 'v1',
            kind: 'Node',
            metadata: {
              name: `kwok-${index}`,
              annotations: { 'kwok.x-k8s.io/node': 'fake' },
              labels: { 'topology.kubernetes.io/zone': `zone-${index % 3}` },
            },
            status: { allocatable: ROOM, capacity: ROOM },
          },
        }),
      ),
    );
  } finally {
    client.close();
  }
}
