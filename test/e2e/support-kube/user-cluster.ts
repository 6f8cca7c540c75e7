/**
 * A cluster of the user's own, in place of the one that tests build: only where both variables name it. The
 * default kubeconfig is never read: the cluster that `kubectl` points at is not a test cluster.
 */
import { openKubeconfig } from '../../../src/kube/client/kubeconfig.ts';

export interface UserCluster {
  /** A path, or several as in KUBECONFIG. */
  readonly kubeconfig: string;
  readonly context: string;
  /** What its nodes can pull: pods of the tests do nothing but run. */
  readonly image: string;
}

const NEEDED = ['GAUNTLET_TEST_KUBECONFIG', 'GAUNTLET_TEST_CONTEXT'] as const;
const IMAGE = 'registry.k8s.io/pause:3.10';

/** Null: the tests use a cluster of their own. @throws when only one of the two is set, or they name no context. */
export function userCluster(env: NodeJS.ProcessEnv): UserCluster | null {
  const [kubeconfig, context] = NEEDED.map((name) => env[name] ?? '');
  if (!kubeconfig && !context) return null;
  if (!kubeconfig || !context) throw new Error(`${NEEDED.join(' and ')}: set both, or neither`);
  openKubeconfig(kubeconfig, context);
  return { kubeconfig, context, image: env['GAUNTLET_TEST_IMAGE'] || IMAGE };
}
