/** Real brokers for a test: KRaft, combined roles, loopback addresses 127.0.0.x so that each has its own. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { FAST_SETTINGS } from '../../../packages/sandbox/src/supervisor/kafka-broker.ts';
import type { Tools } from '../../../src/core/tools.ts';
import { freePorts } from './free-port.ts';
import { run, type Spawned, until } from './spawned.ts';

const { Kafka, logLevel } = kafkajs;
const CLUSTER = 'AAAAAAAAAAAAAAAAAAAAAQ';

export interface TestKafka {
  readonly brokers: readonly string[];
  /** Of the further listener, where there is one. */
  readonly further: readonly string[];
  readonly kafka: InstanceType<typeof Kafka>;
  signal(index: number, signal: NodeJS.Signals): void;
  /** Starts a broker again that was killed, with its data. */
  restart(index: number): void;
  /** What the brokers have logged (warnings and worse). */
  output(): string;
  stop(): Promise<void>;
}

export async function startKafka(
  tools: Tools,
  options: {
    readonly nodes: number;
    readonly topics: readonly { readonly name: string; readonly partitions: number }[];
    /** A listener beside the plain one, with its settings. */
    readonly further?: FurtherListener;
  },
): Promise<TestKafka> {
  if (!tools.java || !tools.kafka) throw new Error('java and kafka are needed');
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-services-kafka-'));
  const { nodes } = options;
  const ports = await freePorts(nodes * 3);
  const at = (index: number): string => `127.0.0.1:${ports[index]}`;
  const voters = Array.from({ length: nodes }, (_, i) => `${i + 1}@${at(nodes + i)}`).join(',');
  const started = (i: number): Spawned => {
    const [client, controller] = [at(i), at(nodes + i)];
    const properties = {
      ...brokerProperties({ id: i + 1, nodes, voters, client, controller }),
      ...(options.further && furtherProperties(options.further, client, controller, at(2 * nodes + i), i)),
    };
    return startBroker(tools, join(folder, `b${i + 1}`), properties, options.further?.scram);
  };
  const processes = Array.from({ length: nodes }, (_, i) => started(i));
  const brokers = Array.from({ length: nodes }, (_, i) => at(i));
  const kafka = new Kafka({
    clientId: 'test',
    brokers,
    logLevel: logLevel.NOTHING,
    retry: { retries: 30, initialRetryTime: 100, maxRetryTime: 300 },
  });
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await createTopics(kafka, options.topics, nodes, () => processes.map((one) => one.output()).join('\n'));
  } catch (error) {
    await stop();
    throw error;
  }
  const output = (): string => processes.map((one) => one.output()).join('\n');
  const restart = (index: number): void => {
    processes[index] = started(index);
  };
  return {
    ...{ brokers, kafka, stop, output, restart },
    further: options.further ? Array.from({ length: nodes }, (_, i) => at(2 * nodes + i)) : [],
    signal: (index, signal) => processes[index]?.child.kill(signal),
  };
}

export interface FurtherListener {
  readonly protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly settings: Readonly<Record<string, string>>;
  /** Where it says that clients should dial it, of each broker. Absent: where it listens. */
  readonly advertised?: readonly string[];
  /** Users of SCRAM by mechanism: `name=orders,password=…`. */
  readonly scram?: Readonly<Record<string, string>>;
}

const furtherProperties = (
  { protocol, settings, advertised }: FurtherListener,
  client: string,
  controller: string,
  own: string,
  index: number,
): Readonly<Record<string, string>> => ({
  listeners: `PLAINTEXT://${client},CONTROLLER://${controller},${protocol}://${own}`,
  'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,${protocol}:${protocol}`,
  ...(advertised && {
    'advertised.listeners': `PLAINTEXT://${client},${protocol}://${advertised[index] ?? own}`,
  }),
  ...settings,
});

function startBroker(
  tools: Tools,
  folder: string,
  properties: BrokerProperties,
  scram?: Readonly<Record<string, string>>,
): Spawned {
  const [java = 'java', ...args] = makeBroker(tools, folder, properties, scram);
  return run(java, args);
}

export type BrokerProperties = Readonly<Record<string, string | number>>;

/** Its data and its settings, in this folder. @returns the command that starts it. */
export function makeBroker(
  tools: Tools,
  folder: string,
  properties: BrokerProperties,
  scram?: Readonly<Record<string, string>>,
): readonly string[] {
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const lines = Object.entries({ ...properties, 'log.dirs': data }).map(([key, value]) => `${key}=${value}`);
  writeFileSync(join(folder, 'server.properties'), `${lines.map(inAscii).join('\n')}\n`);
  const isNew = !existsSync(join(data, 'meta.properties'));
  if (isNew && scram === undefined) formatted(tools, data, Number(properties['node.id']));
  else if (isNew && scram !== undefined) formattedWith(tools, folder, scram);
  const archive = tools.kafka?.archive ? [`-XX:SharedArchiveFile=${tools.kafka.archive}`] : [];
  const jvm = ['-Xmx96m', '-Xms48m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss512k', ...archive];
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
  const classPath = tools.kafka?.classPath.join(':') ?? '';
  const settings = join(folder, 'server.properties');
  return [tools.java ?? 'java', log, ...jvm, '-cp', classPath, 'kafka.Kafka', settings];
}

/** Files of properties are Latin 1. */
const inAscii = (line: string): string =>
  line.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** As `kafka-storage format` leaves it, without a JVM. */
function formatted(tools: Tools, data: string, id: number): void {
  const directoryId = Buffer.alloc(16, id).toString('base64url');
  const meta = ['version=1', `cluster.id=${CLUSTER}`, `node.id=${id}`, `directory.id=${directoryId}`];
  writeFileSync(join(data, 'meta.properties'), `${meta.join('\n')}\n`);
  copyFileSync(tools.kafka?.bootstrapCheckpoint ?? '', join(data, 'bootstrap.checkpoint'));
}

/** Kafka's own program: it derives the keys of these users, by mechanism. */
function formattedWith(tools: Tools, folder: string, scram: Readonly<Record<string, string>>): void {
  const users = Object.entries(scram).flatMap(([mechanism, user]) => [
    '--add-scram',
    `${mechanism}=[${user}]`,
  ]);
  const args = [
    'format',
    '--ignore-formatted',
    '--cluster-id',
    CLUSTER,
    '--config',
    join(folder, 'server.properties'),
    ...users,
  ];
  const classPath = tools.kafka?.classPath.join(':') ?? '';
  const { status, stdout, stderr } = spawnSync(
    tools.java ?? 'java',
    ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'kafka.tools.StorageTool', ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`kafka-storage: ${stdout}${stderr}`);
}

export function brokerProperties(node: {
  id: number;
  nodes: number;
  voters: string;
  client: string;
  controller: string;
}): BrokerProperties {
  const inSync = Math.min(2, node.nodes);
  return {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': node.voters,
    listeners: `PLAINTEXT://${node.client},CONTROLLER://${node.controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'default.replication.factor': node.nodes,
    'min.insync.replicas': inSync,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': node.nodes,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': node.nodes,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 3,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 2_097_152,
    'num.network.threads': 1,
    'num.io.threads': 2,
    'auto.leader.rebalance.enable': 'false',
    ...FAST_SETTINGS,
  };
}

async function createTopics(
  kafka: InstanceType<typeof Kafka>,
  topics: readonly { readonly name: string; readonly partitions: number }[],
  nodes: number,
  explain: () => string,
): Promise<void> {
  const admin = kafka.admin();
  await until(
    () =>
      admin.connect().then(
        () => true,
        () => false,
      ),
    { timeoutMs: 30_000, everyMs: 100, explain },
  );
  await until(async () => (await admin.describeCluster()).brokers.length === nodes, {
    timeoutMs: 30_000,
    explain,
  });
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map(({ name, partitions }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: nodes,
    })),
  });
  await admin.disconnect();
}
