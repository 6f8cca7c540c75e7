/**
 * The identity of a cluster: the uid of its namespace kube-system, which no other cluster has. An address is
 * not an identity: `https://127.0.0.1:6443` may be any tunnel, and one cluster may have different addresses
 * inside and outside.
 */
import { GauntletError } from '../../core/errors.ts';
import { passedOnce } from '../../core/passed-once.ts';
import { ms } from '../../core/units.ts';
import { ApiError } from './api-error.ts';
import { KubeClient } from './client.ts';
import type { ClusterAccess } from './kubeconfig.ts';

const SPACE = 'kube-system';
const DEADLINE_MS = ms(4000);
const OF_UID = /^kubernetes:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** How to get permission to read it. */
const NEXT = 'It requires get on namespace kube-system: gauntlet rbac <target> prints that permission.';

/** The identity in the target lock, the journals and the plan of a run. */
export interface ClusterIdentity {
  readonly identity: string;
  /**
   * Null: permission is missing, and `identity` is the address of the API server, which two clusters can
   * share.
   */
  readonly uid: string | null;
}

/** @throws ApiError (except 403 and 404), ApiUnreachable. */
export async function readIdentity(access: ClusterAccess): Promise<ClusterIdentity> {
  const client = new KubeClient(access);
  try {
    const uid = await readUid(client);
    return { identity: uid === null ? addressIdentity(access) : `kubernetes:${uid}`, uid };
  } finally {
    client.close();
  }
}

/**
 * As `readIdentity`, for a target that may name its cluster. @throws refused when it is not the named
 * cluster, or when its identity cannot be read.
 */
export async function expectCluster(
  access: ClusterAccess,
  wanted: string | undefined,
): Promise<ClusterIdentity> {
  const found = await readIdentity(access);
  if (wanted === undefined || found.uid === wanted) return found;
  const problem = {
    subject: `kubernetes.cluster of context ${access.context}`,
    expected: wanted,
    got: found.uid ?? `no uid of namespace ${SPACE} at ${access.server}`,
  };
  const next =
    found.uid === null
      ? NEXT
      : `This context leads to another cluster (${access.server}). Nothing was touched.`;
  throw new GauntletError('refused', [{ ...problem, next }]);
}

/** Two contexts, users or files that lead to one address have one identity. */
export const addressIdentity = (access: Pick<ClusterAccess, 'server'>): string =>
  `kubernetes:${new URL(access.server).host}${new URL(access.server).pathname.replace(/\/$/, '')}`;

/**
 * The same access, which sends nothing before it has verified the cluster's identity. Asked once; without an
 * answer the request fails as it would have, and the next one asks again.
 * @throws refused at once for an identity by address that does not match.
 */
export function accessTo(access: ClusterAccess, identity: string): ClusterAccess {
  const uid = OF_UID.exec(identity)?.[1];
  if (uid === undefined) {
    if (addressIdentity(access) !== identity) throw elsewhere(access, identity, addressIdentity(access));
    return access;
  }
  const before = passedOnce(async () => {
    const found = await readIdentity(access);
    if (found.identity !== identity) throw elsewhere(access, identity, found.identity);
  });
  return { ...access, before };
}

function elsewhere({ context }: ClusterAccess, expected: string, got: string): GauntletError {
  const next = `This kubeconfig leads elsewhere than the one the journal was written with, or its user may not read the uid. ${NEXT}`;
  return new GauntletError('refused', [{ subject: `context ${context}`, expected, got, next }]);
}

async function readUid(client: KubeClient): Promise<string | null> {
  try {
    const { body } = await client.ask<{ metadata?: { uid?: unknown } }>({
      method: 'GET',
      path: `/api/v1/namespaces/${SPACE}`,
      what: `get namespace ${SPACE}`,
      deadlineMs: DEADLINE_MS,
    });
    const uid = body?.metadata?.uid;
    return typeof uid === 'string' && OF_UID.test(`kubernetes:${uid}`) ? uid : null;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return null;
    throw error;
  }
}
