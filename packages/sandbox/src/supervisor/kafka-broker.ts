/**
 * One KRaft broker: its folder, its server.properties and its command line. See docs/decisions/008 and
 * docs/facts/kafka.md.
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tools } from '../../../../src/core/tools.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { BROKER_IDS, type BrokerId, brokerEndpoint, type Layout, listenOf } from '../layout.ts';

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

/** Three brokers: the loss of one refuses no write (acks=all). */
export const REPLICATION = { 'default.replication.factor': 3, 'min.insync.replicas': 2 } as const;

/**
 * 4 MiB, as in the KafkaTopic resources of the system under test (docs/systems/neural-hive-mind.md,
 * "Gateway").
 */
const LARGEST_MESSAGE_BYTES = 4_194_304;

/** All three run on one small machine. */
export const SMALL_SETTINGS: Readonly<Record<string, string | number | boolean>> = {
  'auto.create.topics.enable': false,
  'auto.leader.rebalance.enable': false,
  'offsets.topic.replication.factor': 3,
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.replication.factor': 3,
  'transaction.state.log.min.isr': 2,
  'transaction.state.log.num.partitions': 3,
  // A protection against producers that break the protocol; it costs one more request between brokers per
  // transaction.
  'transaction.partition.verification.enable': false,
  'share.coordinator.state.topic.replication.factor': 3,
  'share.coordinator.state.topic.min.isr': 2,
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
};

export const clusterId = (): string => randomBytes(16).toString('base64url');

/**
 * The host name by which brokers and controllers find each other; each broker resolves it by its own hosts
 * file.
 */
const nameOf = (id: number): string => `kafka-${id}`;

export function serverProperties(layout: Layout, id: BrokerId, dataFolder: string): string {
  const { ports } = layout;
  const real = brokerEndpoint(layout, id).host;
  const advertise = (client: string): string => {
    const { host, port } = listenOf(layout, `${client}->kafka-${id}`);
    return `${client.toUpperCase()}://${host}:${port}`;
  };
  const clients = ['gateway', 'hive', 'probe'];
  const properties: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': BROKER_IDS.map(
      (one) => `${one}@${nameOf(one)}:${ports.kafkaController}`,
    ).join(','),
    listeners: [
      `INTERNAL://${real}:${ports.kafkaInternal}`,
      `CONTROLLER://${real}:${ports.kafkaController}`,
      `GATEWAY://${real}:${ports.kafkaGateway}`,
      `HIVE://${real}:${ports.kafkaHive}`,
      `PROBE://${real}:${ports.kafkaProbe}`,
    ].join(','),
    // Without CONTROLLER here raft learns the real address of a voter and bypasses a cut link (measured).
    'advertised.listeners': [
      `INTERNAL://${nameOf(id)}:${ports.kafkaInternal}`,
      `CONTROLLER://${nameOf(id)}:${ports.kafkaController}`,
      ...clients.map(advertise),
    ].join(','),
    'listener.security.protocol.map': ['INTERNAL', 'CONTROLLER', 'GATEWAY', 'HIVE', 'PROBE']
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': dataFolder,
    ...REPLICATION,
    ...SMALL_SETTINGS,
    ...FAST_SETTINGS,
  };
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

/** Broker `id` sees itself at its real address and the others at the proxies of its links. */
export function hostsFile(layout: Layout, id: BrokerId): string {
  const address = (other: BrokerId): string =>
    other === id ? brokerEndpoint(layout, id).host : listenOf(layout, `kafka-${id}->kafka-${other}`).host;
  return BROKER_IDS.map((other) => `${address(other)} ${nameOf(other)}\n`).join('');
}

/**
 * Writes the folder as StorageTool would (which takes 1.2 s of a JVM per broker) and returns its command
 * line.
 */
export function prepareBroker(
  layout: Layout,
  id: BrokerId,
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
    `version=1\ncluster.id=${cluster}\nnode.id=${id}\ndirectory.id=${directoryId}\n`,
  );
  copyFileSync(tools.kafka.bootstrapCheckpoint, join(data, 'bootstrap.checkpoint'));
  writeFileSync(properties, serverProperties(layout, id, data));
  writeFileSync(hosts, hostsFile(layout, id));
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
