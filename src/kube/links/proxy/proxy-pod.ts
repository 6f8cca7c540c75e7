/** The pods of our proxies: found by their label, read, and waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../../core/errors.ts';
import type { KubeApi } from '../../client/client.ts';
import { listAll, podsPath } from '../../client/list.ts';
import { type Waiting, type WaitingJson, waitingOf } from '../../pods/container-waiting.ts';

/** Its value is the id of the impairment. */
export const LABEL = 'gauntlet.dev/proxy';
export const LINKS = 'gauntlet.dev/links';
/** Measured: 1 to 2 s with the image on the node; the duration of a pull is unknown. */
const START_MS = 60_000;
const POLL_MS = 100;

export interface ProxyPod extends Waiting {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  /** It runs and is not being deleted. */
  readonly isRunning: boolean;
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
      readonly state?: { readonly waiting?: WaitingJson };
    }[];
  };
}

/** Every pod of ours that has not ended, of one impairment or of all. */
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
  return {
    id: metadata.labels?.[LABEL] ?? '',
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    links: (metadata.annotations?.[LINKS] ?? '').split(' ').filter((one) => one !== ''),
    addresses: (status.podIPs ?? []).flatMap((one) => one.ip ?? []),
    isRunning: status.phase === 'Running' && metadata.deletionTimestamp === undefined,
    ...waitingOf(status.containerStatuses?.[0]?.state?.waiting),
  };
}

/** @throws unavailable with the kubelet's message when it does not run in time. */
export async function startedProxy(
  client: KubeApi,
  { id, namespace, image }: { readonly id: string; readonly namespace: string; readonly image: string },
): Promise<ProxyPod> {
  const until = performance.now() + START_MS;
  for (;;) {
    const [pod] = await findProxies(client, [namespace], id);
    if (pod?.isRunning && pod.addresses.length > 0) return pod;
    const why = pod?.why ?? 'no pod of its job';
    if (pod?.isHopeless === true || performance.now() > until) {
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
