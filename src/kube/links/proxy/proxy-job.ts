/**
 * The link proxy as a Job: created and deleted. The cluster itself removes it (by a deadline, and a time to
 * live of 0 after its end), so that nothing remains when its creator is gone.
 */
import { ApiError } from '../../client/api-error.ts';
import type { KubeApi } from '../../client/client.ts';
import { listAll } from '../../client/list.ts';
import { LABEL, LINKS } from './proxy-pod.ts';

/**
 * Created by `npm run cluster -- up --kind node`; elsewhere the target file names one
 * (kubernetes.proxy.image).
 */
export const DEFAULT_PROXY_IMAGE = 'localhost/gauntlet-proxy:1';

export interface ProxyRequest {
  /** The impairment's id: never reused, so this names exactly one Job. */
  readonly id: string;
  readonly namespace: string;
  readonly image: string;
  readonly links: readonly string[];
  readonly config: object;
  /** After this the cluster ends it in any case. */
  readonly deadlineMs: number;
}

const jobsPath = (namespace: string): string =>
  `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;

/** @throws ApiError, ApiUnreachable. */
export async function createProxy(client: KubeApi, request: ProxyRequest): Promise<void> {
  const { id, namespace, image, links, config, deadlineMs } = request;
  const metadata = { labels: { [LABEL]: id }, annotations: { [LINKS]: links.join(' ') } };
  await client.ask({
    method: 'POST',
    path: jobsPath(namespace),
    what: `create the job of a proxy in ${namespace}`,
    body: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: `gauntlet-${id}`, ...metadata },
      spec: {
        ttlSecondsAfterFinished: 0,
        backoffLimit: 0,
        activeDeadlineSeconds: Math.ceil(deadlineMs / 1000),
        template: { metadata, spec: podSpec(image, config) },
      },
    },
  });
}

/** Admitted at every Pod Security level: no capability, no root, nothing writable, no token. */
const podSpec = (image: string, config: object): object => ({
  restartPolicy: 'Never',
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 1,
  securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'proxy',
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['node', '/app/dist/packages/link-proxy/src/pod-main.js', JSON.stringify(config)],
      resources: { requests: { cpu: '100m', memory: '96Mi' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    },
  ],
});

/** All Jobs of this impairment, with their pods; none is a success. */
export async function deleteProxies(
  client: KubeApi,
  namespaces: readonly string[],
  id: string,
): Promise<void> {
  for (const namespace of namespaces) {
    for (const name of await jobsOf(client, namespace, id)) {
      try {
        await client.ask({
          method: 'DELETE',
          path: `${jobsPath(namespace)}/${encodeURIComponent(name)}`,
          what: `delete job ${name} in ${namespace}`,
          body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
        });
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
      }
    }
  }
}

async function jobsOf(client: KubeApi, namespace: string, id: string): Promise<readonly string[]> {
  try {
    const { items } = await listAll<{ readonly metadata?: { readonly name?: string } }, string>(
      client,
      {
        path: jobsPath(namespace),
        what: `list jobs in ${namespace}`,
        selector: `${LABEL}=${id}`,
      },
      ({ metadata }) => metadata?.name ?? '',
    );
    return items;
  } catch (error) {
    // Requested after every fault on a link: without permission to list jobs none was ever created (the guard
    // checks both permissions together).
    if (error instanceof ApiError && error.status === 403) return [];
    throw error;
  }
}
