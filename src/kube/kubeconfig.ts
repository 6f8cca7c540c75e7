/**
 * Which cluster a target means: kubeconfig and context to server, user and credentials. The context is always named by
 * the target file; whatever `kubectl` happens to point at is never acted on.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { didYouMean } from '../core/did-you-mean.ts';
import { GauntletError, messageOf, show } from '../core/errors.ts';

export interface ClusterAccess {
  readonly context: string;
  /** `https://host:port`, without a trailing slash. */
  readonly server: string;
  readonly config: KubeConfig;
}

/**
 * @param kubeconfig a path; null = KUBECONFIG or ~/.kube/config, as kubectl does.
 * @throws usage when the file cannot be read, has no such context or the context is incomplete.
 */
export function openKubeconfig(kubeconfig: string | null, context: string): ClusterAccess {
  const config = new KubeConfig();
  try {
    if (kubeconfig === null) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    const problem = {
      subject: 'kubernetes.kubeconfig',
      expected: 'a kubeconfig that can be read',
      got: messageOf(error),
    };
    throw new GauntletError('usage', [problem], { cause: error });
  }
  const known = config.getContexts().map((one) => one.name);
  if (!known.includes(context)) {
    const expected =
      known.length === 0 ? 'a context (this kubeconfig has none)' : `one of ${known.join(', ')}`;
    const hint = didYouMean(context, known);
    throw new GauntletError('usage', [
      { subject: 'kubernetes.context', expected, got: show(context), ...hint },
    ]);
  }
  config.setCurrentContext(context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server) || config.getCurrentUser() === null) {
    const expected = `a cluster with a server and a user for context ${context}`;
    throw new GauntletError('usage', [
      { subject: 'kubernetes.kubeconfig', expected, got: 'an incomplete entry' },
    ]);
  }
  return { context, server: server.replace(/\/$/, ''), config };
}

/** What the target lock is taken on: two contexts, users or files that lead to one server meet there. */
export const clusterIdentity = (access: Pick<ClusterAccess, 'server'>): string =>
  `kubernetes:${new URL(access.server).host}${new URL(access.server).pathname.replace(/\/$/, '')}`;
