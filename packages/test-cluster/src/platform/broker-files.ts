/**
 * What a broker in a pod is told, and its formatted directory on the node. Settings as in the sandbox, but for
 * its timers: a node runs 20 processes besides on the same cores, and with sessions of 2 s brokers that only waited for a CPU
 * were fenced. With Kafka's own (9 s) a lost broker is noticed as late as in a real cluster.
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterId, REPLICATION, SMALL_SETTINGS } from '../../../sandbox/src/supervisor/kafka-broker.ts';
import {
  BROKER_IDS,
  type BrokerId,
  brokerAddress,
  brokerPod,
  KAFKA_PORTS,
  type RelayPorts,
  relayAddress,
} from './addresses.ts';

/** In the pod; an empty name means the folder of all of them. */
export const brokerFolder = (pod: string): string => join('/var/lib/kafka', pod);

/** A client is led to the listener that it came in by: inside to service addresses, outside to the relay. */
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
    ...REPLICATION,
    ...SMALL_SETTINGS,
  };
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

/** Formats one directory per broker, as StorageTool would in 1.2 s of a JVM each. @param data the folder of all, on the node. */
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
