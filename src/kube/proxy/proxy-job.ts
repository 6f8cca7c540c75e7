/**
 * The link proxy as a Job: made, found again by its label, deleted. The cluster itself removes it (a deadline, and a time to live
 * of 0 after its end), so that nothing stays when whoever made it is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../core/errors.ts';
import { ApiError } from '../api-error.ts';
import type { KubeApi } from '../client.ts';
import { HOPELESS } from '../net/agent-container.ts';
import { listAll, podsPath } from '../pod-list.ts';

/** Made by `npm run cluster -- up --kind node`; elsewhere the target file names one (kubernetes.proxy.image). */
export const DEFAULT_PROXY_IMAGE = 'localhost/gauntlet-proxy:1';
export const LABEL = 'gauntlet.dev/proxy';
const LINKS = 'gauntlet.dev/links';
/** Measured: 1 to 2 s with the image at hand; a pull may take as long as it takes. */
const START_MS = 60_000;
const POLL_MS = 100;

export interface ProxyRequest {
  /** Of the impairment: never reused, so that this is the name of exactly one Job. */
  readonly id: string;
  readonly namespace: string;
  readonly image: string;
  readonly links: readonly string[];
  readonly config: object;
  /** After so long the cluster ends it, whoever lives. */
  readonly deadlineMs: number;
}

export interface ProxyPod {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  /** It runs and was not told to go. */
  readonly isRunning: boolean;
  readonly why: string;
}

interface PodJson {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
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

/** Admitted at every Pod Security level: no capability, no root, nothing to write to, no token. */
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
      command: ['node', '/app/dist/src/chaos/proxy/pod-main.js', JSON.stringify(config)],
      resources: { requests: { cpu: '100m', memory: '96Mi' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    },
  ],
});

/** Every pod of ours that is not over, of one impairment or of all. */
export async function findProxies(
  client: KubeApi,
  namespaces: readonly string[],
  id?: string,
): Promise<readonly ProxyPod[]> {
  const selector = id === undefined ? LABEL : `${LABEL}=${id}`;
  const lists = await Promise.all(
    namespaces.map((namespace) =>
      listAll<PodJson, PodJson>(
        client,
        { path: podsPath(namespace), what: `list pods in ${namespace}`, selector },
        (json) => json,
      ),
    ),
  );
  return lists
    .flatMap((one) => one.items)
    .filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
    .map(proxyPod);
}

function proxyPod({ metadata = {}, status = {} }: PodJson): ProxyPod {
  const { reason = 'not started', message = '' } = status.containerStatuses?.[0]?.state?.waiting ?? {};
  return {
    id: metadata.labels?.[LABEL] ?? '',
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    links: (metadata.annotations?.[LINKS] ?? '').split(' ').filter((one) => one !== ''),
    addresses: (status.podIPs ?? []).flatMap((one) => one.ip ?? []),
    isRunning: status.phase === 'Running' && metadata.deletionTimestamp === undefined,
    why: message === '' ? reason : `${reason}: ${message}`,
  };
}

/** @throws unavailable with the kubelet's words when it does not run in time. */
export async function startedProxy(
  client: KubeApi,
  { id, namespace, image }: ProxyRequest,
): Promise<ProxyPod> {
  const until = performance.now() + START_MS;
  for (;;) {
    const [pod] = await findProxies(client, [namespace], id);
    if (pod?.isRunning && pod.addresses.length > 0) return pod;
    const why = pod?.why ?? 'no pod of its job';
    if (HOPELESS.test(why) || performance.now() > until) {
      throw new GauntletError('unavailable', [
        {
          subject: `proxy ${image} in ${namespace}`,
          expected: `to run within ${START_MS / 1000} s`,
          got: why,
          next: 'Build deploy/Dockerfile.proxy, push it where the nodes can pull it, and name it: kubernetes: { proxy: { image: ... } }.',
        },
      ]);
    }
    await sleep(POLL_MS);
  }
}

/** All Jobs of this impairment, their pods with them; none is a success. */
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
    const { items } = await listAll<PodJson, string>(
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
    // Asked after every fault on a link: who may not even look at jobs has never made one (the guard asks for both at once).
    if (error instanceof ApiError && error.status === 403) return [];
    throw error;
  }
}
