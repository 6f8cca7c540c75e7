/**
 * The settings of a broker in a pod, and its formatted directory on the node. They are those of the sandbox
 * except for the timers: a node runs 20 other processes on the same cores, and with sessions of 2 s the
 * controller fenced brokers that only waited for a CPU. With Kafka's default (9 s) a lost broker is detected
 * as late as in a real cluster.
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterId, replicationOf, smallSettings } from '../../../sandbox/src/supervisor/kafka-broker.ts';
import {
  BROKER_IDS,
  type BrokerId,
  brokerAddress,
  brokerPod,
  KAFKA_PORTS,
  type RelayPorts,
  relayAddress,
} from './addresses.ts';

/** Path in the pod; an empty name means the common folder. */
export const brokerFolder = (pod: string): string => join('/var/lib/kafka', pod);

/**
 * A client gets the addresses of the listener that it connected to: service addresses inside, the relay
 * outside.
 */
export function serverProperties(id: BrokerId, ports: RelayPorts): string {
  const { controller, internal, plain, probe } = KAFKA_PORTS;
  const listeners = { INTERNAL: internal, CONTROLLER: controller, PLAIN: plain, PROBE: probe };
  const advertised = Object.entries(listeners).map(([name, port]) =>
    name === 'PROBE'
      ? `PROBE://${relayAddress(ports, `kafka-${id}`)}`
      : `${name}://${brokerAddress(id)}:${port}`,
  );
  const properties: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': BROKER_IDS.map((one) => `${one}@${brokerAddress(one)}:${controller}`).join(
      ',',
    ),
    listeners: Object.entries(listeners)
      .map(([name, port]) => `${name}://0.0.0.0:${port}`)
      .join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': Object.keys(listeners)
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': join(brokerFolder(brokerPod(id)), 'data'),
    ...replicationOf(BROKER_IDS.length),
    ...smallSettings(BROKER_IDS.length),
  };
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

/**
 * Formats one directory per broker, as StorageTool would in 1.2 s of a JVM each. @param data the common
 * folder, on the node.
 */
export function formatBrokers(data: string, bootstrapCheckpoint: string): void {
  const cluster = clusterId();
  for (const id of BROKER_IDS) {
    const folder = join(data, brokerPod(id));
    for (const one of ['data', 'tmp']) mkdirSync(join(folder, one), { recursive: true });
    const directory = randomBytes(16).toString('base64url');
    writeFileSync(
      join(folder, 'data', 'meta.properties'),
      `version=1\ncluster.id=${cluster}\nnode.id=${id}\ndirectory.id=${directory}\n`,
    );
    copyFileSync(bootstrapCheckpoint, join(folder, 'data', 'bootstrap.checkpoint'));
  }
}
