/**
 * The requests to Chaos Mesh's part of the API: is it served, our objects, and what its own status says is in
 * each pod.
 */
import { GauntletError } from '../../core/errors.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';
import { listAll } from '../client/list.ts';
import {
  API,
  type ChaosObjectJson,
  IMPAIRMENT_LABEL,
  sayObject,
  TOUCHED_ANNOTATION,
} from './network-chaos.ts';

/** As in paths: also the part of an object that tells what kind it is. */
export type Plural = 'networkchaos' | 'podchaos' | 'stresschaos';

/**
 * The rules that Chaos Mesh wants in one pod; each names the object that it comes from as `namespace/name`.
 */
interface PodNetworkChaosJson {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: Readonly<
    Partial<Record<'ipsets' | 'iptables' | 'tcs', readonly { readonly source?: string }[]>>
  >;
}

export const pathOf = (namespace: string, plural = 'networkchaos'): string =>
  `${API}/namespaces/${encodeURIComponent(namespace)}/${plural}`;

/**
 * @throws refused when the API server does not know these objects of Chaos Mesh; ApiError, ApiUnreachable.
 */
export async function needChaosMesh(
  client: KubeApi,
  needed: readonly string[] = ['networkchaos', 'podnetworkchaos'],
): Promise<void> {
  let served: readonly string[] = [];
  try {
    const { body } = await client.ask<{ resources?: readonly { readonly name?: string }[] }>({
      method: 'GET',
      path: API,
      what: 'look for Chaos Mesh',
    });
    served = (body.resources ?? []).map((one) => one.name ?? '');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  const missing = needed.filter((one) => !served.includes(one));
  if (missing.length === 0) return;
  throw new GauntletError('refused', [
    {
      subject: 'kubernetes.backend',
      expected: `Chaos Mesh (${needed.join(', ')} in chaos-mesh.org/v1alpha1) at ${client.server}`,
      got: `no ${missing.join(', ')} there`,
      next: 'Install Chaos Mesh in this cluster, or take kubernetes.backend out of the target file.',
    },
  ]);
}

/** Ours, of one impairment or of all. @throws ApiError, ApiUnreachable. */
export async function ourObjects(
  client: KubeApi,
  namespaces: readonly string[],
  id?: string,
  plural: Plural = 'networkchaos',
): Promise<readonly ChaosObjectJson[]> {
  const selector = id === undefined ? IMPAIRMENT_LABEL : `${IMPAIRMENT_LABEL}=${id}`;
  const lists = await Promise.all(
    namespaces.map((namespace) => {
      const request = { path: pathOf(namespace, plural), what: `list ${plural} in ${namespace}`, selector };
      return listAll<ChaosObjectJson, ChaosObjectJson>(client, request, (json) => json);
    }),
  );
  return lists.flatMap((list) => list.items);
}

/**
 * One that is there already under this name was made by a create whose answer was lost: the name holds the
 * id.
 */
export async function createObject(
  client: KubeApi,
  namespace: string,
  body: object,
  plural: Plural = 'networkchaos',
): Promise<void> {
  try {
    const what = `create ${plural} in ${namespace}`;
    await client.ask({ method: 'POST', path: pathOf(namespace, plural), what, body });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
}

/**
 * An annotation with another value: the controller looks at the object again. It reconciles on events alone,
 * and forgets one whose update failed, such as that of its own start, when its webhook is not up yet. @throws
 * ApiError, ApiUnreachable.
 */
export async function touchObject(
  client: KubeApi,
  object: ChaosObjectJson,
  value: string,
  plural: Plural,
): Promise<void> {
  const { namespace = '', name = '', uid } = object.metadata ?? {};
  await client.ask({
    method: 'PATCH',
    path: `${pathOf(namespace, plural)}/${encodeURIComponent(name)}`,
    what: `annotate ${sayObject(object)}`,
    body: { metadata: { uid, annotations: { [TOUCHED_ANNOTATION]: value } } },
  });
}

/** Exactly this object: one of the same name that came after it stays. */
export async function deleteObject(
  client: KubeApi,
  object: ChaosObjectJson,
  plural: Plural = 'networkchaos',
): Promise<void> {
  const { namespace = '', name = '', uid } = object.metadata ?? {};
  try {
    await client.ask({
      method: 'DELETE',
      path: `${pathOf(namespace, plural)}/${encodeURIComponent(name)}`,
      what: `delete ${sayObject(object)}`,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } },
    });
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 409)) throw error;
  }
}

/** Pods for which Chaos Mesh still has rules whose object fits: it may be gone, and its effect not. */
export async function podsWithRules(
  client: KubeApi,
  namespaces: readonly string[],
  fits: (name: string) => boolean,
): Promise<readonly string[]> {
  const lists = await Promise.all(
    namespaces.map((namespace) => {
      const path = pathOf(namespace, 'podnetworkchaos');
      const what = `list podnetworkchaos in ${namespace}`;
      return listAll<PodNetworkChaosJson, PodNetworkChaosJson>(client, { path, what }, (json) => json);
    }),
  );
  return lists
    .flatMap((list) => list.items)
    .filter(({ spec = {} }) =>
      [...(spec.ipsets ?? []), ...(spec.iptables ?? []), ...(spec.tcs ?? [])].some(({ source = '' }) =>
        fits(source.slice(source.indexOf('/') + 1)),
      ),
    )
    .map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`);
}
