/** The proxy's control calls, through the API server: there is no other path to a pod's port. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkState } from '../../../core/acts/link-acts.ts';
import { ms } from '../../../core/units.ts';
import type { ApiRequest, KubeApi } from '../../client/client.ts';
import { podsPath } from '../../client/list.ts';
import type { ProxyPod } from './proxy-pod.ts';
import { CONTROL_PORT } from './routes.ts';

const DEADLINE_MS = ms(3000);
/** From a running container to a listening Node process: 0.1 s on an idle machine. */
const LISTEN_MS = 15_000;
const POLL_MS = 50;

export async function callProxy<T>(
  client: KubeApi,
  { id, namespace, name }: ProxyPod,
  method: ApiRequest['method'],
  path: string,
  more: Pick<ApiRequest, 'body' | 'query'> = {},
): Promise<T> {
  const { body } = await client.ask<T>({
    method,
    path: `${podsPath(namespace)}/${encodeURIComponent(name)}:${CONTROL_PORT}/proxy/${id}${path}`,
    what: `${method} ${path} of the proxy in pod ${name} of ${namespace}`,
    deadlineMs: DEADLINE_MS,
    ...more,
  });
  return body;
}

/** Counts of its listeners. @throws ApiError, ApiUnreachable. */
export const readRoutes = (client: KubeApi, pod: ProxyPod): Promise<readonly LinkState[]> =>
  callProxy(client, pod, 'GET', '/links');

/** @throws the error of the last attempt. */
export async function answering(client: KubeApi, pod: ProxyPod): Promise<void> {
  const until = performance.now() + LISTEN_MS;
  for (;;) {
    try {
      await readRoutes(client, pod);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(POLL_MS);
    }
  }
}
