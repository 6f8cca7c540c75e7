/** Which pods are which service of a target on Kubernetes. */
import type { PodSelector } from '../core/acts/kubernetes-handle.ts';
import type { Find, System } from '../core/system.ts';

/** @param system with the overrides of the target. */
export const podsOf = ({ services }: Pick<System, 'services'>): Readonly<Record<string, PodSelector>> =>
  Object.fromEntries(
    services.flatMap(({ name, find }) => {
      const pods = podsIn(find);
      return pods === null ? [] : [[name, pods]];
    }),
  );

/** Null without a namespace: it has no pods on this platform. */
function podsIn({ kubernetes }: Find): PodSelector | null {
  const { namespace, selector, replacedBy } = kubernetes ?? {};
  if (namespace === undefined || selector === undefined) return null;
  return { namespace, selector, ...(replacedBy !== undefined && { replacedBy }) };
}
