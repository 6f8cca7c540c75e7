/** The properties of pods that faults on links need: addresses, labels, network, and their agents. */

import type { PodSelector } from '../../../core/acts/kubernetes-handle.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { KubeApi } from '../../client/client.ts';
import { listAll, podsPath } from '../../client/list.ts';
import { type Waiting, type WaitingJson, waitingOf } from '../../pods/container-waiting.ts';
import { isOver, type PodJson } from '../../pods/pod-record.ts';

/** Our containers' names begin with this; the rest is random. Only the first kind may write rules. */
export const AGENT_NAME = 'gauntlet-net-';
export const DIALLER_NAME = 'gauntlet-dial-';

export interface AgentStatus extends Waiting {
  readonly name: string;
  /** `failed`: it ended with an error, and may have left a table. */
  readonly state: 'waiting' | 'running' | 'ended' | 'failed';
}

export interface NetPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** TCP ports that its containers declare. */
  readonly ports: readonly number[];
  /** It uses its node's network: no rules may be written there. */
  readonly isOnHostNetwork: boolean;
  readonly agents: readonly AgentStatus[];
}

interface StateJson {
  readonly running?: object;
  readonly waiting?: WaitingJson;
  readonly terminated?: { readonly exitCode?: number };
}

export type NetPodJson = Omit<PodJson, 'spec' | 'status'> & {
  readonly spec?: {
    readonly hostNetwork?: boolean;
    readonly containers?: readonly {
      readonly ports?: readonly { readonly containerPort?: number; readonly protocol?: string }[];
    }[];
    readonly ephemeralContainers?: readonly { readonly name?: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly ephemeralContainerStatuses?: readonly { readonly name?: string; readonly state?: StateJson }[];
  };
};

export function netPod({ metadata = {}, spec = {}, status = {} }: NetPodJson): NetPod {
  const names = (spec.ephemeralContainers ?? []).flatMap((one) => one.name ?? []);
  return {
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    uid: metadata.uid ?? '',
    addresses: (status.podIPs ?? []).flatMap((one) => one.ip ?? []),
    labels: metadata.labels ?? {},
    ports: (spec.containers ?? []).flatMap(({ ports = [] }) =>
      ports.flatMap(({ containerPort, protocol = 'TCP' }) =>
        containerPort !== undefined && protocol === 'TCP' ? [containerPort] : [],
      ),
    ),
    isOnHostNetwork: spec.hostNetwork === true,
    agents: names
      .filter((name) => name.startsWith(AGENT_NAME) || name.startsWith(DIALLER_NAME))
      .map((name) => {
        const said = status.ephemeralContainerStatuses?.find((one) => one.name === name);
        return { name, ...stateOf(said?.state ?? {}) };
      }),
  };
}

const NOT_WAITING: Waiting = { why: '', isHopeless: false };

function stateOf({ running, waiting, terminated }: StateJson): Omit<AgentStatus, 'name'> {
  if (running) return { state: 'running', ...NOT_WAITING };
  if (terminated) return { state: terminated.exitCode === 0 ? 'ended' : 'failed', ...NOT_WAITING };
  return { state: 'waiting', ...waitingOf(waiting) };
}

/** Pods with a network: omits pods that have ended or have no address yet. */
export async function listNetPods(
  client: KubeApi,
  { namespace, selector }: PodSelector,
): Promise<readonly NetPod[]> {
  const { items } = await listAll<NetPodJson, { pod: NetPod; phase: string }>(
    client,
    { path: podsPath(namespace), what: `list pods in ${namespace}`, selector },
    (json) => ({ pod: netPod(json), phase: json.status?.phase ?? 'Pending' }),
  );
  return items.filter((one) => !isOver(one) && one.pod.addresses.length > 0).map((one) => one.pod);
}

/** @throws unavailable when another pod has its name by now. */
export async function readNetPod(
  client: KubeApi,
  pod: Pick<NetPod, 'name' | 'namespace' | 'uid'>,
): Promise<NetPod> {
  const { body } = await client.ask<NetPodJson>({
    method: 'GET',
    path: `${podsPath(pod.namespace)}/${encodeURIComponent(pod.name)}`,
    what: `get pod ${pod.name} in ${pod.namespace}`,
  });
  const now = netPod(body);
  if (now.uid === pod.uid) return now;
  const problem = {
    subject: `pod ${pod.name} in ${pod.namespace}`,
    expected: `uid ${pod.uid}`,
    got: now.uid,
  };
  throw new GauntletError('unavailable', [problem]);
}
