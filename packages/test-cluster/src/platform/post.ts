/**
 * Posts objects to a new cluster and waits until all pods of the workloads are ready; an error names the
 * reasons of those that are not.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../../../src/core/errors.ts';
import type { KubeApi } from '../../../../src/kube/client/client.ts';
import { collectionPath, type KubeObject } from './objects.ts';

const POLL_MS = 100;

export async function post(client: KubeApi, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const { kind, metadata } = object;
    const what = `create ${kind} ${metadata.name}`;
    await client.ask({ method: 'POST', path: collectionPath(object), what, body: object });
  }
}

/**
 * The API server refuses pods of a namespace until its `default` ServiceAccount exists, and controllers retry
 * with growing delays.
 */
export async function namespacesUsable(
  client: KubeApi,
  namespaces: readonly string[],
  within: Within,
): Promise<void> {
  for (const namespace of namespaces) {
    await until(within, `ServiceAccount default of ${namespace}`, async () => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      const what = `list ServiceAccounts of ${namespace}`;
      const { body } = await client.ask<List<object>>({ method: 'GET', path, what });
      return (body.items?.length ?? 0) > 0 ? null : 'none yet';
    });
  }
}

export interface Within {
  readonly timeoutMs: number;
  /** Throws when no part is left that could answer. */
  readonly died: () => void;
}

interface WorkloadJson {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number };
}

/**
 * Waits for those objects that have pods. @throws unavailable after the timeout, with the reasons of the pods
 * that are not ready.
 */
export async function workloadsReady(
  client: KubeApi,
  objects: readonly KubeObject[],
  within: Within,
): Promise<void> {
  for (const object of objects.filter((one) => ['Deployment', 'StatefulSet'].includes(one.kind))) {
    const { name, namespace = '' } = object.metadata;
    const path = `${collectionPath(object)}/${name}`;
    await until(within, `${object.kind} ${name}`, async () => {
      const what = `read ${object.kind} ${name}`;
      const { body } = await client.ask<WorkloadJson>({ method: 'GET', path, what });
      const wanted = body.spec?.replicas ?? 0;
      const ready = body.status?.readyReplicas ?? 0;
      if (ready >= wanted) return null;
      return async () => `${ready} of ${wanted} pods ready${await reasons(client, namespace)}`;
    });
  }
}

interface List<T> {
  readonly items?: readonly T[];
}

interface PodStateJson {
  readonly metadata?: { readonly name?: string };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly ready?: boolean;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      readonly lastState?: { readonly terminated?: { readonly exitCode?: number; readonly reason?: string } };
    }[];
  };
}

async function reasons(client: KubeApi, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const what = `list pods of ${namespace}`;
  const { body } = await client.ask<List<PodStateJson>>({ method: 'GET', path, what });
  return (body.items ?? [])
    .filter((pod) => !pod.status?.containerStatuses?.every((one) => one.ready))
    .map((pod) => {
      const [first] = pod.status?.containerStatuses ?? [];
      const { waiting } = first?.state ?? {};
      const { terminated } = first?.lastState ?? {};
      const why = [
        waiting?.reason ?? pod.status?.phase ?? 'no status',
        waiting?.message,
        terminated && `ended before: ${terminated.reason} (exit code ${terminated.exitCode})`,
      ];
      return `; ${pod.metadata?.name}: ${why.filter((one) => one !== undefined).join(', ')}`;
    })
    .join('');
}

/**
 * @param ask null: the condition holds; otherwise the present state, or a function that reads it (called only
 * after the timeout).
 */
async function until(
  { timeoutMs, died }: Within,
  subject: string,
  ask: () => Promise<string | null | (() => Promise<string>)>,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    died();
    const last = await ask();
    if (last === null) return;
    if (performance.now() > end) {
      const got = typeof last === 'string' ? last : await last();
      const expected = `to be ready within ${timeoutMs / 1000} s`;
      throw new GauntletError('unavailable', [{ subject: `test cluster: ${subject}`, expected, got }]);
    }
    await sleep(POLL_MS);
  }
}
