/**
 * `gauntlet recover --target` on Kubernetes: undoes what dead runs of any machine left there, with nothing
 * but the target file. The process that takes the lock recovers; a holder that renews the lock is alive and
 * is not disturbed.
 */
import type { ClusterRecovery } from '../../chaos/healing/recover-cluster-journal.ts';
import type { Places } from '../../system/places.ts';
import { namedTarget } from '../open/names.ts';
import { lockKubernetesTarget, recoverLeft } from '../open/open-kubernetes.ts';

/**
 * Null for a target that is not on Kubernetes: the faults of its runs end with their machine, or are in the
 * journals of this one.
 * @throws refused, with the run's name, when a living run has the target; ApiError.
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
