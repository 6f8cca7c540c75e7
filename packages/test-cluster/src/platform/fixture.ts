/**
 * A file of objects for a cluster with fake nodes, posted as they are. The status of a pod is set once it
 * "runs": an API server ignores that of a new object. `${now-2m}` in a text is an instant.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { GauntletError, messageOf } from '../../../../src/core/errors.ts';
import { ms, parseDuration } from '../../../../src/core/units.ts';
import { KubeClient } from '../../../../src/kube/client/client.ts';
import { openKubeconfig } from '../../../../src/kube/client/kubeconfig.ts';
import { TEST_CONTEXT } from '../state/fake-nodes.ts';
import { collectionPath, type KubeObject } from './objects.ts';
import { namespacesUsable, post, type Within } from './post.ts';

type Fixed = KubeObject & { readonly status?: unknown };

/** Requests at a time: the API server of a busy machine needs about 10 ms for each. */
const AT_ONCE = 8;
const POLL_MS = 200;

/** @throws usage for a file that is no list of objects. */
export function readFixture(file: string, now: number): readonly Fixed[] {
  let list: unknown;
  try {
    list = parse(readFileSync(file, 'utf8').replace(/\$\{now-(\w+)\}/g, (_, text) => before(now, text)));
  } catch (error) {
    throw unusable(file, messageOf(error));
  }
  const isObject = (one: unknown): one is Fixed => {
    const { apiVersion, kind, metadata } = Object(one) as Partial<Fixed>;
    return typeof apiVersion === 'string' && typeof kind === 'string' && metadata?.name !== undefined;
  };
  if (!Array.isArray(list) || list.length === 0) throw unusable(file, 'no list');
  const wrong = list.findIndex((one) => !isObject(one));
  if (wrong >= 0) throw unusable(file, `item ${wrong + 1} without apiVersion, kind or metadata.name`);
  return list as readonly Fixed[];
}

function before(now: number, text: string): string {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new Error(`\${now-${text}}: expected ${parsed.expected}`);
  return new Date(now - parsed.value).toISOString().replace(/\.\d+Z$/, 'Z');
}

const unusable = (file: string, got: string): GauntletError =>
  new GauntletError('usage', [{ subject: `--fixture ${file}`, expected: 'a list of objects', got }]);

/** Resolves when every pod of it runs, or has the status of the file. */
export async function postFixture(kubeconfig: string, file: string, within: Within): Promise<void> {
  const objects = readFixture(file, Date.now());
  const client = new KubeClient(openKubeconfig(kubeconfig, TEST_CONTEXT));
  try {
    const spaces = objects.filter((one) => one.kind === 'Namespace');
    await post(client, spaces);
    const names = spaces.map((one) => one.metadata.name);
    await namespacesUsable(client, names, within);
    // In the order of the file, kind by kind: a ReplicaSet adopts the pods that are there already.
    const rest = objects.filter((one) => one.kind !== 'Namespace');
    for (const kind of [...new Set(rest.map((one) => one.kind))]) {
      await each(
        rest.filter((one) => one.kind === kind),
        async (one) => await post(client, [one]),
      );
      if (kind === 'Pod') await settled(client, names, within);
    }
    const broken = rest.filter((one) => one.kind === 'Pod' && one.status !== undefined);
    await settled(client, names, within);
    await each(broken, async (one) => await setStatus(client, one));
  } finally {
    client.close();
  }
}

async function each<One>(items: readonly One[], act: (one: One) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await act(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Lists, maps and values of the file replace those that the fake kubelet wrote. */
async function setStatus(client: KubeClient, object: Fixed): Promise<void> {
  const { name } = object.metadata;
  await client.ask({
    method: 'PATCH',
    path: `${collectionPath(object)}/${name}/status`,
    what: `set the status of ${name}`,
    body: { status: object.status },
  });
}

interface PodJson {
  readonly metadata?: { readonly name?: string };
  readonly status?: { readonly podIP?: string };
}
interface SetJson {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/** The fake kubelet changes a pod until it has an address. */
async function settled(
  client: KubeClient,
  namespaces: readonly string[],
  { timeoutMs, died }: Within,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    died();
    const open = (await Promise.all(namespaces.map((one) => missingIn(client, one)))).flat();
    if (open.length === 0) return;
    if (performance.now() > end) {
      const expected = `to run within ${timeoutMs / 1000} s`;
      throw new GauntletError('unavailable', [
        { subject: 'fixture', expected, got: open.slice(0, 5).join(', ') },
      ]);
    }
    await sleep(ms(POLL_MS));
  }
}

async function missingIn(client: KubeClient, namespace: string): Promise<readonly string[]> {
  const list = async <Json>(path: string): Promise<readonly Json[]> => {
    const what = `list ${path}`;
    return (await client.ask<{ items?: Json[] }>({ method: 'GET', path, what })).body.items ?? [];
  };
  const pods = await list<PodJson>(`/api/v1/namespaces/${namespace}/pods`);
  const waiting = pods.flatMap(({ metadata, status }) => (status?.podIP ? [] : [metadata?.name ?? '']));
  const kinds = ['deployments', 'statefulsets'];
  const sets = await Promise.all(
    kinds.map((one) => list<SetJson>(`/apis/apps/v1/namespaces/${namespace}/${one}`)),
  );
  const short = sets.flat().filter(({ spec, status }) => (status?.replicas ?? 0) < (spec?.replicas ?? 1));
  return [...waiting, ...(short.length > 0 ? [`pods of ${short.length} workloads`] : [])];
}
