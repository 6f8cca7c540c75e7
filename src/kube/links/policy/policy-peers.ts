/**
 * Every peer except the other side of a link, as peers of a NetworkPolicy, which can only allow. In two
 * forms: as blocks without its addresses, and as pods without its labels. For some CNIs (Cilium) a block
 * never matches a pod: blocks alone would cut off every pod, including name servers.
 */
import type { PodSelector } from '../../../core/acts/kubernetes-handle.ts';
import { type Requirement, requirementsOf } from './label-selector.ts';

/** The label with its own name that every namespace has (since Kubernetes 1.21). */
const NAMESPACE = 'kubernetes.io/metadata.name';

const NOT: Readonly<Record<Requirement['operator'], Requirement['operator']>> = {
  In: 'NotIn',
  NotIn: 'In',
  Exists: 'DoesNotExist',
  DoesNotExist: 'Exists',
};

/**
 * @param addresses of the other side, including its Services. @param where namespaces and labels of its pods.
 */
export const allBut = (addresses: readonly string[], where: readonly PodSelector[]): readonly object[] => [
  ...blocksBut(addresses),
  ...podsBut(where),
];

function blocksBut(addresses: readonly string[]): readonly object[] {
  const isV6 = (address: string): boolean => address.includes(':');
  const block = (cidr: string, bits: number, isOfIt: (address: string) => boolean) => ({
    ipBlock: { cidr, except: addresses.filter(isOfIt).map((address) => `${address}/${bits}`) },
  });
  return [block('0.0.0.0/0', 32, (one) => !isV6(one)), block('::/0', 128, isV6)];
}

function podsBut(where: readonly PodSelector[]): readonly object[] {
  const namespaces = [...new Set(where.map((one) => one.namespace))];
  const named = (operator: 'In' | 'NotIn', values: readonly string[]) => ({
    matchExpressions: [{ key: NAMESPACE, operator, values }],
  });
  const within = namespaces.flatMap((namespace) => {
    const selectors = where.filter((one) => one.namespace === namespace).map((one) => one.selector);
    return noneOf(selectors).map((matchExpressions) => ({
      namespaceSelector: named('In', [namespace]),
      podSelector: { matchExpressions },
    }));
  });
  return [{ namespaceSelector: named('NotIn', namespaces) }, ...within];
}

/**
 * A pod is outside a selector when it fails one of its requirements; each result is one way to fail all
 * selectors.
 */
function noneOf(selectors: readonly string[]): readonly (readonly Requirement[])[] {
  return selectors.reduce<readonly (readonly Requirement[])[]>(
    (ways, selector) =>
      ways.flatMap((way) =>
        requirementsOf(selector).map((one) => [...way, { ...one, operator: NOT[one.operator] }]),
      ),
    [[]],
  );
}
