/**
 * A target on Kubernetes as data: the settings from a target file, which a journal also carries for the
 * process that must undo.
 */

import type { KafkaEndpoint, RedisEndpoint } from '../topology.ts';

/**
 * How to reach a cluster, and which pods make up which service. Holds no secret: credentials stay in the
 * kubeconfig.
 */
export interface KubernetesHandle {
  /** An absolute path, or several as in KUBECONFIG. */
  readonly kubeconfig: string;
  readonly context: string;
  /** With context `in-cluster`: the account of the pod that this process runs in, and no kubeconfig. */
  readonly pod?: PodAccount;
  /**
   * The uid of the namespace kube-system, when the target file names it: acts on any other cluster are then
   * refused.
   */
  readonly cluster?: string;
  readonly services: Readonly<Record<string, PodSelector>>;
  /**
   * The links between them that the system declares, such as `web->cache`. Absent: it declares none, and
   * every pair is a link.
   */
  readonly links?: readonly string[];
  /** The address of each Redis as reached from the machine that acts. Others get no commands of Gauntlet. */
  readonly redisByService?: Readonly<Record<string, RedisEndpoint>>;
  /** The brokers of each Kafka, likewise. Absent: none, as in journals of versions that changed none. */
  readonly kafkaByService?: Readonly<Record<string, readonly KafkaEndpoint[]>>;
  /** The same in journals of versions that knew one, the service `redis`. */
  readonly redis?: RedisEndpoint;
  /**
   * The namespace that holds the journals of runs. Absent: the alphabetically first unprotected namespace of
   * the services.
   */
  readonly journalNamespace?: string;
  /** How Gauntlet itself breaks links. Absent = `agent` with the image of our test cluster. */
  readonly network?: KubernetesNetwork;
  /** The owner of the lock in the cluster; absent for a process that only reads. */
  readonly holder?: string;
  /** Chaos Mesh impairs the links; it must be installed there. Absent: Gauntlet itself does it. */
  readonly chaosMesh?: ChaosMeshChoice;
}

/** The context that is no entry of a kubeconfig. */
export const IN_CLUSTER = 'in-cluster';

/** A pod's own account, as its kubelet mounts it. */
export interface PodAccount {
  /** `https://host:port` of the API server. */
  readonly server: string;
  /** With `token`, which is rotated, and `ca.crt`. */
  readonly folder: string;
}

/** What only the owner of a target knows: which traffic crosses which link. */
export interface ChaosMeshChoice {
  /**
   * CIDRs from which pods see Gauntlet's own probes. Empty = probes cannot be distinguished, and no link
   * begins at a probe.
   */
  readonly probesFrom: readonly string[];
  /** Maps `web->redis` to the dependency whose probe needs that link for a good answer. */
  readonly crossedBy: Readonly<Record<string, string>>;
}

/**
 * `agent`: rules in the pod's own network namespace. `network-policy`: a NetworkPolicy, where the CNI
 * enforces it.
 */
export interface KubernetesNetwork {
  readonly by: 'agent' | 'network-policy';
  /** The image of packages/netagent, as the nodes can pull it. Absent = its name in our test cluster. */
  readonly image?: string;
  /**
   * The image of the proxy that links are redirected through (deploy/Dockerfile.proxy). Absent = as above.
   */
  readonly proxyImage?: string;
}

export interface PodSelector {
  readonly namespace: string;
  /** As in `kubectl get pods -l`. */
  readonly selector: string;
  /**
   * The kind of a controller that Gauntlet does not know; the target's owner declares that it replaces lost
   * pods.
   */
  readonly replacedBy?: string;
}

/** Namespaces that run the cluster and its monitoring: never a target, whatever a label claims. */
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
