/** EndpointSlices: which pods a Service sends traffic to now. */
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

/** Uids of the pods that are ready in it. A missing `ready` counts as true (discovery.k8s.io/v1). */
export const readyPods = (slice: EndpointSliceJson): readonly string[] =>
  (slice.endpoints ?? []).flatMap((one) =>
    one.conditions?.ready !== false && one.targetRef?.kind === 'Pod' && one.targetRef.uid !== undefined
      ? [one.targetRef.uid]
      : [],
  );
