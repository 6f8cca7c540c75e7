/**
 * Where the journals of runs on a target are kept: one place, so that who knows the target file knows where
 * to look.
 */
import { type KubernetesHandle, PROTECTED_NAMESPACES } from '../../core/acts/kubernetes-handle.ts';

/** Undefined: nothing of this target may be written to, so nothing of it may be broken either. */
export function journalNamespace({
  services,
  journalNamespace: named,
}: Pick<KubernetesHandle, 'services' | 'journalNamespace'>): string | undefined {
  const namespaces = Object.values(services).map((one) => one.namespace);
  return named ?? namespaces.filter((one) => !PROTECTED_NAMESPACES.includes(one)).sort()[0];
}
