/**
 * The ephemeral container of the agent. It is added once and reused while it runs; it ends by itself two
 * minutes after the last fault. The API cannot remove one: after its end it stays in the pod's status until
 * the pod is replaced.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../../core/errors.ts';
import type { KubeApi } from '../../client/client.ts';
import { podsPath } from '../../client/list.ts';
import { NotRunning } from './command.ts';
import { AGENT_NAME, DIALLER_NAME, type NetPod, readNetPod } from './net-pods.ts';

/**
 * Created by `npm run cluster -- up --kind node`; elsewhere the target file names one
 * (kubernetes.agent.image).
 */
export const DEFAULT_IMAGE = 'localhost/netagent:1';

export interface AgentSettings {
  readonly image: string;
  /** Only rules need it; a dialler does not. */
  readonly netAdmin: boolean;
}

/** Measured: 1 to 3 s with the image on the node; the duration of a pull is unknown. */
const START_MS = 60_000;
const POLL_MS = 100;
const nameOf = (netAdmin: boolean): string => (netAdmin ? AGENT_NAME : DIALLER_NAME);

/** The name of its container; undefined when none runs. */
export const runningAgent = (pod: NetPod, netAdmin = true): string | undefined =>
  pod.agents.find((one) => one.state === 'running' && one.name.startsWith(nameOf(netAdmin)))?.name;

/**
 * Runs `act` in the running agent of the pod; adds one when there is none or when it just ended.
 * @throws refused or unavailable with the API's own message, unavailable when it does not start.
 */
export async function withAgent<T>(
  client: KubeApi,
  pod: NetPod,
  settings: AgentSettings,
  act: (container: string) => Promise<T>,
): Promise<T> {
  const there = runningAgent(pod, settings.netAdmin);
  if (there !== undefined) {
    try {
      return await act(there);
    } catch (error) {
      if (!(error instanceof NotRunning)) throw error;
    }
  }
  return await act(await startAgent(client, pod, settings));
}

async function startAgent(client: KubeApi, pod: NetPod, settings: AgentSettings): Promise<string> {
  const name = `${nameOf(settings.netAdmin)}${randomUUID().slice(0, 8)}`;
  await client.ask({
    method: 'PATCH',
    path: `${podsPath(pod.namespace)}/${encodeURIComponent(pod.name)}/ephemeralcontainers`,
    what: `add ephemeral container ${name} to pod ${pod.name} in ${pod.namespace}`,
    // Merges by name: other containers stay. With the uid: not into a successor of the same name.
    contentType: 'application/strategic-merge-patch+json',
    body: { metadata: { uid: pod.uid }, spec: { ephemeralContainers: [containerOf(name, settings)] } },
  });
  const until = performance.now() + START_MS;
  for (;;) {
    const agent = (await readNetPod(client, pod)).agents.find((one) => one.name === name);
    if (agent?.state === 'running') return name;
    const why = agent?.why ?? 'not started';
    const isOver = agent?.state === 'ended' || agent?.state === 'failed';
    if (isOver || agent?.isHopeless === true || performance.now() > until) {
      throw notStarted(pod, settings.image, isOver ? 'it ended at once' : why);
    }
    await sleep(POLL_MS);
  }
}

const notStarted = (pod: NetPod, image: string, got: string): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: `agent ${image} in pod ${pod.name} of ${pod.namespace}`,
      expected: `to run within ${START_MS / 1000} s`,
      got,
      next: 'Push packages/netagent to a registry that the nodes can pull from, and name it: kubernetes: { agent: { image: ... } }.',
    },
  ]);

const containerOf = (name: string, { image, netAdmin }: AgentSettings): object => ({
  name,
  image,
  imagePullPolicy: 'IfNotPresent',
  args: ['serve'],
  securityContext: {
    // Root only by name: every capability except this one is dropped. Without root the workload's own user
    // would have none at all.
    ...(netAdmin ? { runAsUser: 0, runAsNonRoot: false } : { runAsUser: 65_532, runAsNonRoot: true }),
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(netAdmin && { add: ['NET_ADMIN'] }) },
    seccompProfile: { type: 'RuntimeDefault' },
  },
});
