/** The Kubernetes objects that our own cluster needs, and the API path of each kind. Plain data. */

export type Labels = Readonly<Record<string, string>>;

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: keyof typeof PLURALS;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec?: object;
  readonly data?: Readonly<Record<string, string>>;
}

const PLURALS = {
  Namespace: 'namespaces',
  ConfigMap: 'configmaps',
  Service: 'services',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  PodDisruptionBudget: 'poddisruptionbudgets',
  Pod: 'pods',
  ReplicaSet: 'replicasets',
} as const;

/** The API path of its kind; with its name appended, the path of the object. */
export function collectionPath({ apiVersion, kind, metadata }: KubeObject): string {
  const api = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const space = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${api}${space}/${PLURALS[kind]}`;
}

export const namespaceObject = (name: string, labels: Labels): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

export interface ServiceRequest {
  readonly name: string;
  readonly namespace: string;
  readonly selector: Labels;
  readonly clusterIP: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort?: number }[];
  /** Members of a quorum must reach each other before any of them can be ready. */
  readonly beforeReady?: boolean;
}

export const serviceObject = (given: ServiceRequest): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: given.name, namespace: given.namespace, labels: given.selector },
  spec: {
    selector: given.selector,
    clusterIP: given.clusterIP,
    ports: given.ports,
    publishNotReadyAddresses: given.beforeReady ?? false,
  },
});

export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  /** Labels of the pods; the workload selects them by all of these. */
  readonly labels: Labels;
  readonly container: object;
  readonly volumes?: readonly object[];
}

const podTemplate = ({ labels, container, volumes = [] }: Workload): object => ({
  metadata: { labels },
  spec: {
    containers: [container],
    volumes,
    automountServiceAccountToken: false,
    // Without environment variables for every Service: the programs have explicit addresses.
    enableServiceLinks: false,
  },
});

export const deploymentObject = (workload: Workload): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: workload.name, namespace: workload.namespace, labels: workload.labels },
  spec: {
    replicas: workload.replicas,
    selector: { matchLabels: workload.labels },
    // As in the Helm charts (docs/systems/neural-hive-mind.md, "Kubernetes"): a roll-out never has fewer
    // ready pods than before.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: podTemplate(workload),
  },
});

export const budgetObject = (workload: Workload, minAvailable: number): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: workload.name, namespace: workload.namespace },
  spec: { minAvailable, selector: { matchLabels: workload.labels } },
});

/** Pods `<name>-1` to `<name>-<replicas>`, all started at once. */
export const statefulSetObject = (workload: Workload, serviceName: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: workload.name, namespace: workload.namespace, labels: workload.labels },
  spec: {
    replicas: workload.replicas,
    ordinals: { start: 1 },
    serviceName,
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: workload.labels },
    template: podTemplate(workload),
  },
});
