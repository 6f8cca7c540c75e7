/**
 * Requests to Chaos Mesh's part of the API: whether it is served, our objects, and the state of each pod in
 * their status.
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

/** As in paths; also the part of an object's metadata that gives its kind. */
export type Plural = 'networkchaos' | 'podchaos' | 'stresschaos';

/** The rules that Chaos Mesh wants in one pod; each names its source object as `namespace/name`. */
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
      next: 'Install Chaos Mesh in this cluster, or remove kubernetes.backend from the target file.',
    },
  ]);
}

/** Our objects, of one impairment or of all. @throws ApiError, ApiUnreachable. */
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

/** An existing object of this name comes from a create whose answer was lost: the name contains the id. */
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
 * Writes an annotation with a new value, so that the controller checks the object again. It reconciles on
 * events alone, and forgets an object whose update failed, such as its own start before its webhook is up.
 * @throws ApiError, ApiUnreachable.
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

/** Deletes exactly this object: a later one of the same name remains. */
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

/**
 * Pods for which Chaos Mesh still has rules from a matching object: the object may be gone while its effect
 * remains.
 */
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
