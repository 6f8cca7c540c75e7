/**
 * The namespace of the journals of runs on a target: one place, so that the target file alone is enough to
 * find it.
 */
import { type KubernetesHandle, PROTECTED_NAMESPACES } from '../../core/acts/kubernetes-handle.ts';

/**
 * Undefined: Gauntlet may not write to any namespace of this target, so it may not break anything there
 * either.
 */
export function journalNamespace({
  services,
  journalNamespace: named,
}: Pick<KubernetesHandle, 'services' | 'journalNamespace'>): string | undefined {
  const namespaces = Object.values(services).map((one) => one.namespace);
  return named ?? namespaces.filter((one) => !PROTECTED_NAMESPACES.includes(one)).sort()[0];
}
