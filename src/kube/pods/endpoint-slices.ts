/** EndpointSlices: the pods to which a Service currently sends traffic. */
export interface EndpointSliceJson {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly endpoints?:
    | readonly {
        readonly conditions?: { readonly ready?: boolean };
        readonly targetRef?: { readonly kind?: string; readonly uid?: string };
      }[]
    | null;
}

export const slicesPath = (namespace: string): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;

/**
 * The pods in it, and whether traffic is sent to each. A missing `ready` counts as true
 * (discovery.k8s.io/v1).
 */
export const podsIn = (
  slice: EndpointSliceJson,
): readonly { readonly uid: string; readonly isReady: boolean }[] =>
  (slice.endpoints ?? []).flatMap(({ conditions, targetRef }) =>
    targetRef?.kind === 'Pod' && targetRef.uid !== undefined
      ? [{ uid: targetRef.uid, isReady: conditions?.ready !== false }]
      : [],
  );
