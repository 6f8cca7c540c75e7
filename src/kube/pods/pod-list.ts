/** The current pods of a selector. */
import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import type { KubeApi } from '../client/client.ts';
import { type Listed, listAll, podsPath } from '../client/list.ts';
import { type PodJson, type PodRecord, podRecord } from './pod-record.ts';

/** @param where without a selector: every pod of the namespace. */
export const listPods = (
  client: KubeApi,
  { namespace, selector }: Pick<PodSelector, 'namespace'> & { readonly selector?: string },
): Promise<Listed<PodRecord>> =>
  listAll<PodJson, PodRecord>(
    client,
    {
      path: podsPath(namespace),
      what: `list pods in ${namespace}`,
      ...(selector !== undefined && { selector }),
    },
    podRecord,
  );
