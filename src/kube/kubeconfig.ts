/**
 * Which cluster a target means: kubeconfig and context to server, user and credentials. The context is always named by
 * the target file; whatever `kubectl` happens to point at is never acted on.
 */
import { readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { didYouMean } from '../core/did-you-mean.ts';
import { GauntletError, messageOf, show } from '../core/errors.ts';

export interface ClusterAccess {
  readonly context: string;
  /** `https://host:port`, without a trailing slash. */
  readonly server: string;
  readonly cluster: Cluster;
  readonly user: User;
}

/**
 * @param kubeconfig a path, or several as in KUBECONFIG: of two entries with one name the first counts.
 * @throws usage when a file cannot be read, there is no such context or the context is incomplete.
 */
export function openKubeconfig(kubeconfig: string, context: string): ClusterAccess {
  const files = kubeconfig.split(delimiter).filter((path) => path !== '');
  const read = files.map((file) => readOne(file));
  const contexts = read.flatMap((one) => one.contexts);
  const found = contexts.find((one) => one.name === context);
  if (!found) {
    const known = [...new Set(contexts.map((one) => one.name))];
    const expected =
      known.length === 0 ? `a context in ${kubeconfig} (it has none)` : `one of ${known.join(', ')}`;
    const hint = didYouMean(context, known);
    throw new GauntletError('usage', [
      { subject: 'kubernetes.context', expected, got: show(context), ...hint },
    ]);
  }
  const cluster = read.flatMap((one) => one.clusters).find((one) => one.name === found.cluster);
  const user = read.flatMap((one) => one.users).find((one) => one.name === found.user);
  if (!cluster || !user || !/^https:/.test(cluster.server) || !URL.canParse(cluster.server)) {
    const expected = `a cluster with an https server and a user for context ${context}`;
    throw new GauntletError('usage', [{ subject: kubeconfig, expected, got: 'an incomplete entry' }]);
  }
  return { context, server: cluster.server.replace(/\/$/, ''), cluster, user };
}

/** What the target lock is taken on: two contexts, users or files that lead to one server meet there. */
export const clusterIdentity = (access: Pick<ClusterAccess, 'server'>): string =>
  `kubernetes:${new URL(access.server).host}${new URL(access.server).pathname.replace(/\/$/, '')}`;

interface Entries {
  readonly contexts: readonly Context[];
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
}

function readOne(file: string): Entries {
  try {
    const raw = (parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, unknown>;
    const path = (given: string): string => resolve(dirname(file), given);
    // Relative paths are meant beside the kubeconfig, as in kubectl.
    return {
      contexts: newContexts(raw['contexts']),
      clusters: newClusters(raw['clusters']).map((one) =>
        one.caFile === undefined ? one : { ...one, caFile: path(one.caFile) },
      ),
      users: newUsers(raw['users']).map((one) => ({
        ...one,
        ...(one.certFile !== undefined && { certFile: path(one.certFile) }),
        ...(one.keyFile !== undefined && { keyFile: path(one.keyFile) }),
      })),
    };
  } catch (error) {
    const problem = {
      subject: `kubeconfig ${file}`,
      expected: 'a kubeconfig that can be read',
      got: messageOf(error),
      next: 'Name it in the target file (kubernetes.kubeconfig) or in KUBECONFIG.',
    };
    throw new GauntletError('usage', [problem], { cause: error });
  }
}
