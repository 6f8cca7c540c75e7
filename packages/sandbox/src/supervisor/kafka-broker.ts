/**
 * One KRaft broker: its folder, its server.properties and its command line. See docs/decisions/008 and
 * docs/facts/kafka.md.
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  brokerSocket,
  brokersIn,
  controllerSocket,
  listenOf,
} from '../../../../src/core/sandbox/addresses.ts';
import type { Layout, PlacedInstance } from '../../../../src/core/sandbox/layout.ts';
import { dialersOf, listenerPort, portOf } from '../../../../src/core/sandbox/ports.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';

/**
 * A cut-off broker is fenced after 2 s, and leadership has moved after 1.7 to 3.3 s (Kafka's defaults: 9 s
 * and 8.7 s). Shorter timeouts caused repeated elections when the CPU was busy. An idle follower fetches
 * twice a second, at a quarter of its permitted lag; a fetch that finds data is answered immediately,
 * independent of this value.
 */
export const FAST_SETTINGS: Readonly<Record<string, number>> = {
  'broker.session.timeout.ms': 2000,
  'broker.heartbeat.interval.ms': 500,
  'replica.lag.time.max.ms': 2000,
  'replica.fetch.wait.max.ms': 500,
  'replica.socket.timeout.ms': 1000,
  'replica.fetch.backoff.ms': 200,
  'controller.socket.timeout.ms': 1000,
  'request.timeout.ms': 2000,
  'controller.quorum.election.timeout.ms': 300,
  'controller.quorum.fetch.timeout.ms': 1000,
  'controller.quorum.request.timeout.ms': 500,
  'controller.quorum.election.backoff.max.ms': 200,
  'socket.connection.setup.timeout.ms': 500,
  'socket.connection.setup.timeout.max.ms': 1000,
};

/** Of three brokers the loss of one refuses no write (acks=all); one alone keeps the only copy. */
export const replicationOf = (brokers: number) => ({
  'default.replication.factor': Math.min(3, brokers),
  'min.insync.replicas': brokers < 3 ? 1 : 2,
});

/** 4 MiB: systems with documents in their records need more than the default of 1 MiB. */
const LARGEST_MESSAGE_BYTES = 4_194_304;

/** All of them run on one small machine. */
export const smallSettings = (brokers: number): Readonly<Record<string, string | number | boolean>> => ({
  'auto.create.topics.enable': false,
  'auto.leader.rebalance.enable': false,
  'offsets.topic.replication.factor': Math.min(3, brokers),
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.replication.factor': Math.min(3, brokers),
  'transaction.state.log.min.isr': brokers < 3 ? 1 : 2,
  'transaction.state.log.num.partitions': 3,
  // A protection against producers that break the protocol; it costs one more request between brokers per
  // transaction.
  'transaction.partition.verification.enable': false,
  'share.coordinator.state.topic.replication.factor': Math.min(3, brokers),
  'share.coordinator.state.topic.min.isr': brokers < 3 ? 1 : 2,
  'group.initial.rebalance.delay.ms': 0,
  'message.max.bytes': LARGEST_MESSAGE_BYTES,
  'replica.fetch.max.bytes': LARGEST_MESSAGE_BYTES,
  // A sandbox that runs for days must not fill the disk: at most 64 MiB and one hour per partition.
  'log.segment.bytes': 33_554_432,
  // Preallocated per partition, twice: 10 MB each made 1.9 GB of sparse files. 8 bytes per 4 KiB of a segment
  // is enough.
  'log.index.size.max.bytes': 1_048_576,
  'log.retention.bytes': 67_108_864,
  'log.retention.ms': 3_600_000,
  'log.retention.check.interval.ms': 60_000,
  'log.cleaner.dedupe.buffer.size': 2_097_152,
  'num.network.threads': 1,
  'num.io.threads': 2,
  'background.threads': 2,
  'group.coordinator.threads': 1,
});

export const clusterId = (): string => randomBytes(16).toString('base64url');

/** Of the listener for one service that dials; Kafka's own two have other names. */
const listenerName = (client: string): string => `FOR_${client.toUpperCase().replaceAll('-', '_')}`;

/**
 * Brokers and controllers find each other by the names of their instances; each broker resolves them by its own
 * hosts file.
 */
export function serverProperties(layout: Layout, broker: PlacedInstance, dataFolder: string): string {
  const { cluster, id } = idOf(broker);
  const { host: real, port: internal } = brokerSocket(layout, broker);
  const { port: controller } = controllerSocket(layout, broker);
  const brokers = brokersIn(layout, cluster);
  const service = layout.system.services.find((one) => one.name === cluster);
  const clients = service === undefined ? [] : dialersOf(layout.system, service);
  const advertise = (client: string): string => {
    const { host, port } = listenOf(layout, `${client}->${broker.instance}`);
    return `${listenerName(client)}://${host}:${port}`;
  };
  const properties: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': brokers
      .map((one) => `${one.broker.id}@${one.instance}:${controller}`)
      .join(','),
    listeners: [
      `INTERNAL://${real}:${internal}`,
      `CONTROLLER://${real}:${controller}`,
      ...clients.map(
        (one) => `${listenerName(one)}://${real}:${portOf(layout.ports, listenerPort(cluster, one))}`,
      ),
    ].join(','),
    // Without CONTROLLER here raft learns the real address of a voter and bypasses a cut link (measured).
    'advertised.listeners': [
      `INTERNAL://${broker.instance}:${internal}`,
      `CONTROLLER://${broker.instance}:${controller}`,
      ...clients.map(advertise),
    ].join(','),
    'listener.security.protocol.map': ['INTERNAL', 'CONTROLLER', ...clients.map(listenerName)]
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': dataFolder,
    ...replicationOf(brokers.length),
    ...smallSettings(brokers.length),
    ...FAST_SETTINGS,
  };
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

/** A broker sees itself at its real address and the others at the proxies of its links. */
export function hostsFile(layout: Layout, broker: PlacedInstance): string {
  const address = ({ instance, host }: PlacedInstance): string =>
    instance === broker.instance ? host : listenOf(layout, `${broker.instance}->${instance}`).host;
  return brokersIn(layout, idOf(broker).cluster)
    .map((one) => `${address(one)} ${one.instance}\n`)
    .join('');
}

function idOf({ instance, broker }: PlacedInstance): NonNullable<PlacedInstance['broker']> {
  if (broker === undefined) throw new Error(`${instance} is no broker`);
  return broker;
}

/**
 * Writes the folder as StorageTool would (which takes 1.2 s of a JVM per broker) and returns its command
 * line.
 */
export function prepareBroker(
  layout: Layout,
  broker: PlacedInstance,
  folder: string,
  cluster: string,
  tools: { readonly java: string; readonly kafka: NonNullable<Tools['kafka']> },
): readonly string[] {
  const data = join(folder, 'data');
  const [properties, hosts] = [join(folder, 'server.properties'), join(folder, 'hosts')];
  const temporary = join(folder, 'tmp');
  for (const one of [data, temporary]) makeFolder(one, 0o700);
  const directoryId = randomBytes(16).toString('base64url');
  writeFileSync(
    join(data, 'meta.properties'),
    `version=1\ncluster.id=${cluster}\nnode.id=${idOf(broker).id}\ndirectory.id=${directoryId}\n`,
  );
  copyFileSync(tools.kafka.bootstrapCheckpoint, join(data, 'bootstrap.checkpoint'));
  writeFileSync(properties, serverProperties(layout, broker, data));
  writeFileSync(hosts, hostsFile(layout, broker));
  return [
    tools.java,
    // An idle broker uses little of it (145 to 175 MB resident with both 64 MB and 128 MB), and a burst does
    // not crash it.
    ...['-Xmx128m', '-Xms64m', '-Xmn32m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    // A page walk is expensive in a virtual machine. On a kernel without huge pages Java logs that and
    // continues.
    '-XX:+UseTransparentHugePages',
    ...(tools.kafka.archive === null ? [] : [`-XX:SharedArchiveFile=${tools.kafka.archive}`]),
    `-Djdk.net.hosts.file=${hosts}`,
    // Otherwise both write to the machine's /tmp, and a killed JVM leaves its files there.
    '-XX:-UsePerfData',
    `-Djava.io.tmpdir=${temporary}`,
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
    ...['-cp', tools.kafka.classPath.join(':'), 'kafka.Kafka', properties],
  ];
}
