/** Waits for the one real node of a test cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError, messageOf } from '../../../src/core/errors.ts';
import { KubeClient } from '../../../src/kube/client/client.ts';
import { openKubeconfig } from '../../../src/kube/client/kubeconfig.ts';
import { TEST_CONTEXT } from './state/fake-nodes.ts';

interface NodeJson {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const POLL_MS = 100;

/** @param died throws when no part is left that could answer. @throws unavailable after `timeoutMs`. */
export async function nodeReady(kubeconfig: string, timeoutMs: number, died: () => void): Promise<void> {
  const client = new KubeClient(openKubeconfig(kubeconfig, TEST_CONTEXT));
  const until = performance.now() + timeoutMs;
  let last = 'no node';
  try {
    while (performance.now() < until) {
      died();
      const what = 'read node node1';
      try {
        const { body } = await client.ask<NodeJson>({ method: 'GET', path: '/api/v1/nodes/node1', what });
        if (body.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')) return;
        last = 'a node that is not Ready';
      } catch (error) {
        last = messageOf(error);
      }
      await sleep(POLL_MS);
    }
  } finally {
    client.close();
  }
  const expected = `node1 to be Ready within ${timeoutMs / 1000} s`;
  throw new GauntletError('unavailable', [{ subject: 'test cluster: a real node', expected, got: last }]);
}
