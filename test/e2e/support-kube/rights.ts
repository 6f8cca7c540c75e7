/** A user with exactly the rights that `gauntlet rbac` prints. */
import { parseAllDocuments } from 'yaml';
import type { PodSelector } from '../../../src/core/kubernetes-handle.ts';
import { EXTRA_ACTS, usualActs } from '../../../src/kube/permissions.ts';
import { rbacManifest } from '../../../src/kube/rbac.ts';
import type { KubeBench } from './kube-bench.ts';

/** @param also as of the command. @returns the path of its kubeconfig. */
export async function withRights(
  bench: KubeBench,
  target: string,
  {
    space,
    services,
    also,
  }: Readonly<{
    space: string;
    services: Readonly<Record<string, PodSelector>>;
    also: readonly string[];
  }>,
): Promise<string> {
  const acts = [...usualActs(), ...also.flatMap((word) => EXTRA_ACTS[word] ?? [])];
  for (const document of parseAllDocuments(rbacManifest({ target, services, acts }))) {
    const { kind, ...rest } = document.toJS() as { kind: string; apiVersion: string };
    const api = rest.apiVersion === 'v1' ? '/api/v1' : `/apis/${rest.apiVersion}`;
    await bench.create(`${api}/namespaces/${space}/${kind.toLowerCase()}s`, { kind, ...rest });
  }
  return bench.kubeconfig(target, { token: await bench.tokenOf(space, `gauntlet-${target}`) });
}
