/**
 * Gateway, specialists and hive as the real team deploys them: labels of their Helm charts
 * (`app.kubernetes.io/name`, and no `app`), ports, probes, budgets (docs/systems/neural-hive-mind.md,
 * "Kubernetes"). The readiness probes run ten times as often, because a recovery time must measure the
 * service and not the kubelet's probe interval; the liveness probes keep the contract's values.
 */
import {
  SPECIALISTS,
  type Specialist,
} from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { APP, NODE, SERVICES_IMAGE } from '../images/images.ts';
import {
  BROKER_IDS,
  brokerAddress,
  GATEWAY_ADDRESS,
  GATEWAY_PORT,
  GRPC_PORT,
  HIVE_ADDRESS,
  HTTP_PORT,
  KAFKA_PORTS,
  NAMESPACES,
  REDIS_ADDRESS,
  REDIS_PORT,
  specialistAddress,
} from './addresses.ts';
import {
  budgetObject,
  deploymentObject,
  type KubeObject,
  type Labels,
  serviceObject,
  type Workload,
} from './objects.ts';

const helmLabels = (name: string): Labels => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/instance': name,
});

const get = (path: string): object => ({ httpGet: { path, port: HTTP_PORT } });
const PROBES = {
  /** Contract: every 10 s, 40 times. Here ten times as often, and for as long as a busy machine may take. */
  startupProbe: { ...get('/health'), periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
  livenessProbe: { ...get('/health'), periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
  readinessProbe: { ...get('/ready'), periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 3 },
};

/** The kubelet inserts the pod's own name; the configuration is the program's only argument. */
const INSTANCE = '$(POD_NAME)';

function container(program: string, config: object, ports: readonly object[]): object {
  return {
    name: program,
    image: SERVICES_IMAGE,
    imagePullPolicy: 'Never',
    command: [NODE, `${APP}/dist/systems/neural-hive-mind/stand-ins/src/${program}/main.js`],
    args: [JSON.stringify({ instance: INSTANCE, host: '0.0.0.0', httpPort: HTTP_PORT, ...config })],
    // Held open: the programs exit when their stdin ends, which in the sandbox means that their supervisor
    // has exited.
    stdin: true,
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    ports: [{ name: 'http', containerPort: HTTP_PORT }, ...ports],
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
    ...PROBES,
  };
}

const kafkaBrokers = BROKER_IDS.map((id) => `${brokerAddress(id)}:${KAFKA_PORTS.plain}`);
const redis = { host: REDIS_ADDRESS, port: REDIS_PORT };
const namespace = NAMESPACES.app;

/**
 * Between the sandbox's 1 s, chosen for its fast fail-over, and the contract's 30 s: a busy node answers late
 * but is alive.
 */
const kafka = { requestTimeoutMs: 5000 };

const gateway: Workload = {
  name: 'gateway-intencoes',
  namespace,
  replicas: 2,
  labels: helmLabels('gateway-intencoes'),
  container: container('gateway', { kafkaBrokers, redis, kafka }, []),
};

const hive: Workload = {
  name: 'hive',
  namespace,
  replicas: 1,
  labels: helmLabels('hive'),
  container: container(
    'hive',
    {
      kafkaBrokers,
      redis,
      kafka: { ...kafka, consumerRequestTimeoutMs: 10_000 },
      specialists: Object.fromEntries(
        SPECIALISTS.map((one) => [one, `${specialistAddress(one)}:${GRPC_PORT}`]),
      ),
    },
    [],
  ),
};

const specialist = (name: Specialist): Workload => ({
  name: `specialist-${name}`,
  namespace,
  replicas: 1,
  labels: { ...helmLabels(`specialist-${name}`), 'neural-hive.io/component': 'specialist' },
  container: container('specialist', { specialist: name, grpcPort: GRPC_PORT }, [
    { name: 'grpc', containerPort: GRPC_PORT },
  ]),
});

const http = { name: 'http', port: HTTP_PORT };
const serviceOf = (workload: Workload, clusterIP: string, ports: readonly (typeof http)[]): KubeObject =>
  serviceObject({ name: workload.name, namespace, selector: workload.labels, clusterIP, ports });

/** These need neither store, so they start immediately. */
export const specialistObjects: readonly KubeObject[] = SPECIALISTS.flatMap((name) => {
  const workload = specialist(name);
  const grpc = { name: 'grpc', port: GRPC_PORT };
  return [serviceOf(workload, specialistAddress(name), [grpc, http]), deploymentObject(workload)];
});

/**
 * Both exit without Redis or Kafka (contract of the gateway), so they are created when the stores are ready.
 */
export const dependentObjects: readonly KubeObject[] = [
  serviceObject({
    name: gateway.name,
    namespace,
    selector: gateway.labels,
    clusterIP: GATEWAY_ADDRESS,
    ports: [{ name: 'http', port: GATEWAY_PORT, targetPort: HTTP_PORT }],
  }),
  // The contract's 2 of 3: all but one.
  budgetObject(gateway, 1),
  deploymentObject(gateway),
  serviceOf(hive, HIVE_ADDRESS, [http]),
  // A trap of the real charts: 1 replica with minAvailable 1 refuses every eviction.
  budgetObject(hive, 1),
  deploymentObject(hive),
];
