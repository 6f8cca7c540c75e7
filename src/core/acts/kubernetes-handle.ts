/**
 * A target on Kubernetes as data: what a target file says of it, and what a journal carries to whoever must
 * undo.
 */

/**
 * How to reach a cluster and which pods make up which service. No secret: credentials stay in the kubeconfig.
 */
export interface KubernetesHandle {
  /** An absolute path, or several as in KUBECONFIG. */
  readonly kubeconfig: string;
  readonly context: string;
  /**
   * The uid of its namespace kube-system, when the target file names it: then no other cluster is acted on.
   */
  readonly cluster?: string;
  readonly services: Readonly<Record<string, PodSelector>>;
  /** Of Redis, as it is reached from the machine that acts; absent: no commands are given to it. */
  readonly redis?: { readonly host: string; readonly port: number };
  /**
   * Where the journals of runs are kept; absent: in the first unprotected namespace of the services, by name.
   */
  readonly journalNamespace?: string;
  /** How Gauntlet itself breaks links; absent = `agent` with the image of our own test cluster. */
  readonly network?: KubernetesNetwork;
  /** Who holds the lock in the cluster; absent for who only looks. */
  readonly holder?: string;
  /**
   * Links are impaired by Chaos Mesh, which must be installed there. Absent: by what Gauntlet itself can do.
   */
  readonly chaosMesh?: ChaosMeshChoice;
}

/** What only the owner of a target knows about who crosses which link. */
export interface ChaosMeshChoice {
  /**
   * CIDRs from which pods see Gauntlet's own probes; empty = they cannot be told apart, and no link begins at
   * a probe.
   */
  readonly probesFrom: readonly string[];
  /** `gateway->redis` to the dependency whose probe needs that link for a good answer. */
  readonly crossedBy: Readonly<Record<string, string>>;
}

/**
 * `agent`: rules in the pod's own network namespace. `network-policy`: a NetworkPolicy, where the CNI
 * enforces it.
 */
export interface KubernetesNetwork {
  readonly by: 'agent' | 'network-policy';
  /** Of packages/netagent, as the nodes can pull it; absent = as it is called in our own test cluster. */
  readonly image?: string;
  /** Of the proxy that links are led through (deploy/Dockerfile.proxy), likewise. */
  readonly proxyImage?: string;
}

export interface PodSelector {
  readonly namespace: string;
  /** As in `kubectl get pods -l`. */
  readonly selector: string;
  /**
   * The kind of a controller that Gauntlet does not know, and of which the target's owner says that it
   * replaces lost pods.
   */
  readonly replacedBy?: string;
}

/** What carries the cluster and its observation: never a target, whatever a label says. */
export const PROTECTED_NAMESPACES: readonly string[] = [
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'calico-system',
  'cert-manager',
  'istio-system',
  'logging',
  'monitoring',
];
