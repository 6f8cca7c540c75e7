/**
 * Starts the system under test as pods of our own cluster, in the order of its dependencies: stores and
 * specialists, topics, then gateway and hive, which exit when they do not find the stores. It is done when
 * every pod is ready and every service answers.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KubeClient } from '../../../../src/kube/client/client.ts';
import { openKubeconfig } from '../../../../src/kube/client/kubeconfig.ts';
import { OPT_IN_LABEL } from '../../../../src/kube/pods/pod-record.ts';
import { monotonicClock } from '../../../../src/system/monotonic-clock.ts';
import { TOPICS } from '../../../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { createTopics } from '../../../sandbox/src/supervisor/topics.ts';
import type { PlatformTools } from '../images/images.ts';
import { TEST_CONTEXT } from '../state/fake-nodes.ts';
import { BROKER_IDS, NAMESPACES, type RelayPorts } from './addresses.ts';
import { servicesAnswer } from './answers.ts';
import { dependentObjects, specialistObjects } from './app-objects.ts';
import { formatBrokers } from './broker-files.ts';
import { namespaceObject } from './objects.ts';
import { namespacesUsable, post, type Within, workloadsReady } from './post.ts';
import { kafkaObjects, redisObjects } from './store-objects.ts';

/**
 * Timeout of each wait. All pods were ready after about 25 s on two cores; a machine that needs six times
 * that will not finish.
 */
const READY_MS = 150_000;

export interface BringUp {
  /** Of the cluster. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly tools: PlatformTools;
  readonly ports: RelayPorts;
  readonly died: () => void;
  progress(text: string): void;
}

/**
 * The cluster has a ready node, and its images are imported. @throws unavailable, naming the pods that did
 * not become ready.
 */
export async function bringUpServices(given: BringUp): Promise<void> {
  const { folder, kubeconfig, tools, ports, died, progress } = given;
  const within: Within = { timeoutMs: READY_MS, died };
  const data = join(folder, 'kafka');
  mkdirSync(data, { recursive: true });
  formatBrokers(data, tools.kafka.bootstrapCheckpoint);
  const client = new KubeClient(openKubeconfig(kubeconfig, TEST_CONTEXT));
  try {
    const namespaces = Object.values(NAMESPACES);
    await post(
      client,
      namespaces.map((name) => namespaceObject(name, { name, [OPT_IN_LABEL]: 'enabled' })),
    );
    await namespacesUsable(client, namespaces, within);
    const stores = [...kafkaObjects(tools, data, ports), ...redisObjects];
    await post(client, [...stores, ...specialistObjects]);
    progress('waiting for Redis and three Kafka brokers');
    await workloadsReady(client, stores, within);
    await createTopics({
      brokers: BROKER_IDS.map((id) => ({ nodeId: id, host: '127.0.0.1', port: ports[`kafka-${id}`] ?? 0 })),
      topics: TOPICS,
      clock: monotonicClock,
      stopped: new AbortController().signal,
    });
    progress('waiting for gateway, specialists and hive');
    await post(client, dependentObjects);
    await workloadsReady(client, [...specialistObjects, ...dependentObjects], within);
    await servicesAnswer(ports, within);
  } finally {
    client.close();
  }
}
