/** A user with exactly the rights that `gauntlet rbac` prints. */
import { parseAllDocuments } from 'yaml';
import type { PodSelector } from '../../../src/core/acts/kubernetes-handle.ts';
import { EXTRA_ACTS, usualActs } from '../../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../../src/kube/guard/rbac.ts';
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
  await applyManifest(bench, rbacManifest({ target, services, acts }));
  return bench.kubeconfig(target, { token: await bench.tokenOf(space, `gauntlet-${target}`) });
}

interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly namespace: string };
}

/** Each document in its own namespace, as kubectl does: one of them lets the target read the uid of kube-system. */
export async function applyManifest(bench: KubeBench, text: string): Promise<void> {
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as Manifest;
    const api = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
    await bench.create(
      `${api}/namespaces/${object.metadata.namespace}/${object.kind.toLowerCase()}s`,
      object,
    );
  }
}
