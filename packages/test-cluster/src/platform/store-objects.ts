/**
 * Redis and the Kafka brokers: labels as found in the real cluster (docs/systems/neural-hive-mind.md,
 * "Kubernetes"), three brokers as its charts ask for.
 */
import { KAFKA_IMAGE, type PlatformTools, REDIS_IMAGE, REDIS_SERVER } from '../images/images.ts';
import {
  BOOTSTRAP_ADDRESS,
  BROKER_IDS,
  BROKER_SET,
  brokerAddress,
  brokerPod,
  KAFKA_PORTS,
  NAMESPACES,
  REDIS_ADDRESS,
  REDIS_PORT,
  type RelayPorts,
} from './addresses.ts';
import { brokerFolder, serverProperties } from './broker-files.ts';
import {
  deploymentObject,
  type KubeObject,
  type Labels,
  serviceObject,
  statefulSetObject,
} from './objects.ts';

const listens = (port: number): object => ({ tcpSocket: { port }, periodSeconds: 1, timeoutSeconds: 1 });

const REDIS_LABELS: Labels = { app: 'redis' };

export const redisObjects: readonly KubeObject[] = [
  serviceObject({
    name: 'neural-hive-cache',
    namespace: NAMESPACES.redis,
    selector: REDIS_LABELS,
    clusterIP: REDIS_ADDRESS,
    ports: [{ name: 'redis', port: REDIS_PORT }],
  }),
  deploymentObject({
    name: 'redis',
    namespace: NAMESPACES.redis,
    replicas: 1,
    labels: REDIS_LABELS,
    container: {
      name: 'redis',
      image: REDIS_IMAGE,
      imagePullPolicy: 'Never',
      command: [REDIS_SERVER],
      args: ['--bind', '0.0.0.0', '--port', String(REDIS_PORT), '--protected-mode', 'no', '--save', ''],
      ports: [{ name: 'redis', containerPort: REDIS_PORT }],
      resources: { requests: { cpu: '10m', memory: '32Mi' } },
      readinessProbe: listens(REDIS_PORT),
    },
  }),
];

const BROKER_LABELS: Labels = {
  'strimzi.io/cluster': 'neural-hive-kafka',
  'strimzi.io/kind': 'Kafka',
  'strimzi.io/name': 'neural-hive-kafka-kafka',
  'strimzi.io/pool-name': 'broker',
  'strimzi.io/broker-role': 'true',
};
const CONFIG = 'neural-hive-kafka-config';
const CONFIG_FOLDER = '/etc/kafka';
const BOOTSTRAP = 'neural-hive-kafka-kafka-bootstrap';

/** @param data a folder of the node; it outlives the pods, as a persistent volume does. */
export function kafkaObjects(
  { java, kafka }: Pick<PlatformTools, 'java' | 'kafka'>,
  data: string,
  ports: RelayPorts,
): readonly KubeObject[] {
  const namespace = NAMESPACES.kafka;
  const command = [
    java,
    // The options of the sandbox: Java uses a class archive only with the same garbage collector.
    ...['-Xmx128m', '-Xms48m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    ...(kafka.archive === null ? [] : [`-XX:SharedArchiveFile=${kafka.archive}`]),
    '-XX:-UsePerfData',
    `-Djava.io.tmpdir=${brokerFolder('$(POD_NAME)')}/tmp`,
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ...['-cp', kafka.classPath.join(':'), 'kafka.Kafka', `${CONFIG_FOLDER}/$(POD_NAME).properties`],
  ];
  const container = {
    name: 'kafka',
    image: KAFKA_IMAGE,
    imagePullPolicy: 'Never',
    command,
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    ports: Object.entries(KAFKA_PORTS).map(([name, containerPort]) => ({ name, containerPort })),
    resources: { requests: { cpu: '10m', memory: '192Mi' } },
    readinessProbe: listens(KAFKA_PORTS.plain),
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER },
      { name: 'data', mountPath: brokerFolder('') },
    ],
  };
  const volumes = [
    { name: 'config', configMap: { name: CONFIG } },
    { name: 'data', hostPath: { path: data, type: 'Directory' } },
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: CONFIG, namespace },
      data: Object.fromEntries(
        BROKER_IDS.map((id) => [`${brokerPod(id)}.properties`, serverProperties(id, ports)]),
      ),
    },
    serviceObject({
      name: BOOTSTRAP,
      namespace,
      selector: BROKER_LABELS,
      clusterIP: BOOTSTRAP_ADDRESS,
      ports: [{ name: 'plain', port: KAFKA_PORTS.plain }],
    }),
    ...BROKER_IDS.map((id) =>
      serviceObject({
        name: brokerPod(id),
        namespace,
        selector: brokerSelector(brokerPod(id)),
        clusterIP: brokerAddress(id),
        ports: Object.entries(KAFKA_PORTS).map(([name, port]) => ({ name, port })),
        beforeReady: true,
      }),
    ),
    statefulSetObject(
      { name: BROKER_SET, namespace, replicas: BROKER_IDS.length, labels: BROKER_LABELS, container, volumes },
      BOOTSTRAP,
    ),
  ];
}

/** The label that a StatefulSet gives to each of its pods. */
export const brokerSelector = (pod: string): Labels => ({ 'statefulset.kubernetes.io/pod-name': pod });
