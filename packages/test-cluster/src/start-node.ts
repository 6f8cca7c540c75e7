/** Starts the cluster with one real node and, if requested, the system under test as its pods. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError, messageOf } from '../../../src/core/errors.ts';
import { KubeClient } from '../../../src/kube/client/client.ts';
import { openKubeconfig } from '../../../src/kube/client/kubeconfig.ts';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';
import { type PlatformTools, writeImages } from './images/images.ts';
import { NODE_ADDRESS, type NodeParts, nodeCommand } from './node.ts';
import { RELAYED } from './platform/addresses.ts';
import { bringUpServices } from './platform/bring-up.ts';
import { writeTarget } from './platform/target.ts';
import { relayCommand, writeRelays } from './relay/relays.ts';
import type { ServicesState } from './state/cluster-state.ts';
import { TEST_CONTEXT } from './state/fake-nodes.ts';
import { freeLoopbackPorts, waitReady } from './wait-ready.ts';

export interface NodeStart {
  readonly name: string;
  readonly folder: string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly mkube: string;
  readonly ports: { readonly api: number; readonly etcd: number };
  readonly node: NodeParts;
  /** Null: the cluster stays empty. */
  readonly services: PlatformTools | null;
  readonly readyMs: number;
  launch(part: string, command: readonly string[]): Promise<void>;
  /** Throws when a part has ended. */
  died(): void;
}

/** @throws unavailable when the node, or one of the pods, is not ready in time. */
export async function startNode(given: NodeStart, ctx: ToolContext): Promise<ServicesState | null> {
  const { folder, kubeconfig, mkube, node, services: tools, readyMs, launch, died } = given;
  const { api, etcd } = given.ports;
  const relayed = tools === null ? [] : RELAYED;
  const free = await freeLoopbackPorts(relayed.length);
  const ports = Object.fromEntries(relayed.map(({ name }, index) => [name, free[index] ?? 0]));
  writeRelays(folder, [
    { host: '127.0.0.1', port: api, listen: api },
    ...relayed.map(({ name, host, port }) => ({ host, port, listen: ports[name] ?? 0 })),
  ]);
  const images = join(folder, 'images');
  const since = performance.now();
  await writeImages(images, tools, ctx);
  ctx.progress(`wrote ${tools === null ? 'the image of the proxy' : 'four images'} in ${seconds(since)}`);
  const started = performance.now();
  await launch(
    'node',
    nodeCommand({ ...node, mkube, folder, apiPort: api, etcdPort: etcd, moreImages: [images] }),
  );
  await launch('relay', relayCommand(folder));
  await waitReady(folder, `${given.server}/readyz`, readyMs, died);
  await nodeReady(kubeconfig, readyMs, died);
  if (tools === null) return null;
  ctx.progress(`node ${NODE_ADDRESS} ready after ${seconds(started)}`);
  await bringUpServices({ folder, kubeconfig, tools, ports, died, progress: ctx.progress });
  ctx.progress(`all services ready after ${seconds(started)}`);
  const target = join(folder, 'target.yaml');
  writeTarget(target, { cluster: given.name, kubeconfig, ports });
  return { target, ports };
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

interface NodeJson {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const POLL_MS = 100;

/** @param died throws when no part is left that could answer. @throws unavailable after `timeoutMs`. */
async function nodeReady(kubeconfig: string, timeoutMs: number, died: () => void): Promise<void> {
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
