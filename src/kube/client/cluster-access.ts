/**
 * Which identity a target acts with: an entry of a kubeconfig, or, with context `in-cluster`, the account of
 * the pod that this process runs in. Never one in place of the other.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IN_CLUSTER, type KubernetesHandle, type PodAccount } from '../../core/acts/kubernetes-handle.ts';
import { messageOf, usageError } from '../../core/errors.ts';
import { plain } from '../../core/plain.ts';
import { type ClusterAccess, hasContext, openKubeconfig } from './kubeconfig.ts';

type Named = Pick<KubernetesHandle, 'kubeconfig' | 'context' | 'pod'>;

const SUBJECT = 'kubernetes.context';

/** @throws usage as openKubeconfig; for `in-cluster` outside of a pod, and where a kubeconfig has it too. */
export function openAccess({ kubeconfig, context, pod }: Named): ClusterAccess {
  if (context !== IN_CLUSTER) return openKubeconfig(kubeconfig, context);
  if (hasContext(kubeconfig, context))
    throw usageError({
      subject: SUBJECT,
      expected: `one meaning of ${IN_CLUSTER}, which is the account of this pod`,
      got: `a context of that name in ${kubeconfig}, too`,
      next: 'Rename that context, and write its new name here if it is the one that is meant.',
    });
  if (pod === undefined)
    throw usageError({
      subject: SUBJECT,
      expected: `a pod with an account of its own around this process, for ${IN_CLUSTER}`,
      got: 'none (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set)',
      next: 'Write a context of the kubeconfig.',
    });
  return accessOfPod(pod);
}

/** The token is rotated by the kubelet: its file is read anew for each request. */
function accessOfPod({ server, folder }: PodAccount): ClusterAccess {
  const [tokenFile, caFile] = [join(folder, 'token'), join(folder, 'ca.crt')];
  for (const file of [tokenFile, caFile]) requireFile(file);
  return {
    context: IN_CLUSTER,
    server,
    cluster: { name: IN_CLUSTER, server, caFile, skipTLSVerify: false },
    user: { name: 'the account of this pod', tokenFile },
  };
}

function requireFile(file: string): void {
  try {
    readFileSync(file);
  } catch (error) {
    throw usageError({
      subject: SUBJECT,
      expected: `a readable file ${file}, for ${IN_CLUSTER}`,
      got: messageOf(error),
      next: 'Mount the account of the pod (automountServiceAccountToken), or write a context of a kubeconfig.',
    });
  }
}

/** For people: whose rights it acts with. */
export function sayAccess({ kubeconfig, context, pod }: Named): string {
  if (context !== IN_CLUSTER || pod === undefined) return `context ${context} of ${kubeconfig}`;
  return `the account of this pod (${accountIn(readFileSync(join(pod.folder, 'token'), 'utf8'))}), its token read anew for each request`;
}

/** The name in a token of Kubernetes itself: `system:serviceaccount:<namespace>:<name>`. */
function accountIn(token: string): string {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { sub } = JSON.parse(payload) as { readonly sub?: unknown };
    return typeof sub === 'string' ? plain(sub).slice(0, 200) : 'without a name';
  } catch {
    return 'without a name';
  }
}
