/**
 * `gauntlet recover --target` on Kubernetes: undoes what dead runs of any machine left there, with nothing
 * but the target file. Whoever takes the lock is the one that recovers; a holder that renews it is alive and
 * is left alone.
 */
import type { ClusterRecovery } from '../../chaos/healing/recover-cluster-journal.ts';
import type { Places } from '../../system/places.ts';
import { namedTarget } from '../open/names.ts';
import { lockKubernetesTarget, recoverLeft } from '../open/open-kubernetes.ts';

/**
 * Null for a target that is not on Kubernetes: what a run leaves there ends with its machine, or is in the
 * journals of this one.
 * @throws refused when a run that lives has the target, with its name; ApiError.
 */
export async function recoverCluster(
  given: string,
  places: Places,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<ClusterRecovery | null> {
  const target = namedTarget(given);
  if (target.platform !== 'kubernetes') return null;
  const { platform, close } = await lockKubernetesTarget(target, places, { purpose: 'recover', signal });
  try {
    return await recoverLeft(platform, { signal, tell });
  } finally {
    await close();
  }
}
