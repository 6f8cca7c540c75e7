/** The reader of committed records against a real broker: transactions, every codec that Node reads, noted offsets. */
import * as zlib from 'node:zlib';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { textOf } from '../../src/protocols/kafka/kafka-record.ts';
import { KafkaState } from '../../src/targets/kafka-state/kafka-state.ts';
import { endOffsets, type PartitionAt } from '../../src/targets/records/end-offsets.ts';
import { Leaders } from '../../src/targets/records/leaders.ts';
import { type ReadEnd, readCommitted } from '../../src/targets/records/read-committed.ts';
import { makeTestBed, type TestBed } from './support-sandbox/test-bed.ts';
import { startKafka, type TestKafka } from './support-services/kafka.ts';

const TOPIC = 'orders.new';
const { signal } = new AbortController();
let bed: TestBed;
let cluster: TestKafka;
let leaders: Leaders;

beforeAll(async () => {
  bed = await makeTestBed();
  const topics = ['orders.new', 'hanging'].map((name) => ({ name, partitions: 2 }));
  cluster = await startKafka(bed.tools, { nodes: 1, topics });
  leaders = new Leaders([{ id: 1, client: cluster.brokers[0] ?? '' }], [TOPIC, 'hanging']);
});
afterAll(async () => {
  leaders?.close();
  await cluster?.stop();
  bed?.remove();
});

interface Read extends Omit<ReadEnd, 'open'> {
  /** Why not all was read. */
  readonly open: readonly string[];
  /** By partition, `value:id`. */
  readonly values: readonly string[];
  readonly aborted: number;
}

async function readFrom(
  from: readonly PartitionAt[],
  topic: string,
  options: { readonly leaders?: Leaders; readonly patienceMs?: number } = {},
): Promise<Read> {
  const { leaders: asked = leaders, patienceMs = 10_000 } = options;
  const values: string[] = [];
  let left = 0;
  const ends = (await endOffsets(asked, 10_000, signal)).filter((one) => one.topic === topic);
  const spans = ends.map(({ offset: to, ...place }) => {
    const noted = from.find((one) => one.topic === topic && one.partition === place.partition);
    return { ...place, from: noted?.offset ?? 0, to };
  });
  const end = await readCommitted({
    ...{ leaders: asked, spans, patienceMs, longestMs: 60_000, signal },
    take: (_place, records, aborted) => {
      left += aborted;
      for (const one of records) {
        const id = one.header('correlation-id');
        values.push(`${one.value && textOf(one.value)}:${id}`);
      }
    },
  });
  return { ...end, open: end.open.map((one) => one.why), values: values.sort(), aborted: left };
}

const message = (value: string, partition = 0) => ({
  ...{ value, partition, headers: { 'correlation-id': `id-${value}` } },
});

it('sees what was committed since the offsets were noted, and nothing that was aborted', async () => {
  const plain = cluster.kafka.producer();
  await plain.connect();
  await plain.send({ topic: TOPIC, messages: [message('earlier'), message('earlier-too', 1)] });
  const noted = await endOffsets(leaders, 10_000, signal);
  await plain.send({
    ...{ topic: TOPIC, messages: [message('a'), message('b', 1)] },
    compression: kafkajs.CompressionTypes.GZIP,
  });
  const producer = cluster.kafka.producer({ transactionalId: 't', maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  for (const [value, isKept] of [
    ['kept-1', true],
    ['gone-1', false],
    ['gone-2', false],
    ['kept-2', true],
  ] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: TOPIC, messages: [message(value), message(value, 1)] });
    await (isKept ? transaction.commit() : transaction.abort());
  }
  await plain.send({ topic: TOPIC, messages: [message('last')] });
  const kept = ['a', 'b', 'kept-1', 'kept-1', 'kept-2', 'kept-2', 'last'].map((one) => `${one}:id-${one}`);
  expect(await readFrom(noted, TOPIC)).toMatchObject({ values: kept, aborted: 4, open: [] });
  await producer.disconnect();
  await plain.disconnect();
});

it('does not pass a transaction that is open, and says so', async () => {
  const noted = await endOffsets(leaders, 10_000, signal);
  const producer = cluster.kafka.producer({
    transactionalId: 'open',
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: 'hanging', messages: [message('open')] });
  const { values, open } = await readFrom(noted, 'hanging', { patienceMs: 1000 });
  expect(values).toEqual([]);
  expect(open).toEqual(['hanging/0 was read up to offset 0 of 1: a transaction is open at offset 0']);
  await transaction.commit();
  expect(await readFrom(noted, 'hanging')).toMatchObject({ values: ['open:id-open'], open: [] });
  await producer.disconnect();
});

const lines = Array.from({ length: 400 }, (_, at) => `${at} ${'to be or not to be, '.repeat(at % 40)}`);

/** The broker writes the batches of a topic anew with the topic's own codec, as a Java client would. */
async function writtenWith(codec: string): Promise<Read> {
  const topic = `with-${codec}`;
  const admin = cluster.kafka.admin();
  await admin.connect();
  const configEntries = [{ name: 'compression.type', value: codec }];
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true });
  await admin.disconnect();
  const producer = cluster.kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: lines.map((one) => message(one)) });
  await producer.disconnect();
  return await readAsRunsDo(topic);
}

/** Into one memory, from the beginning. */
async function readAsRunsDo(topic: string): Promise<Read> {
  const own = new Leaders([{ id: 1, client: cluster.brokers[0] ?? '' }], [topic], { keepsMemory: true });
  try {
    return await readFrom([], topic, { leaders: own, patienceMs: 5000 });
  } finally {
    own.close();
  }
}

it('reads on behind what the broker has deleted, beside partitions in which nothing is', async () => {
  const topic = 'shortened';
  const admin = cluster.kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
  const producer = cluster.kafka.producer();
  await producer.connect();
  for (const value of ['a', 'b', 'c'])
    await producer.send({ topic, messages: [message(value), message(value, 1)] });
  await producer.disconnect();
  await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
  await admin.disconnect();
  const { values, open } = await readAsRunsDo(topic);
  expect(values).toEqual(['a:id-a', 'b:id-b', 'c:id-c', 'c:id-c']);
  expect(open).toEqual(['shortened/0: the broker had deleted offsets 0 to 1 by then']);
});

it.each(['snappy', 'lz4', 'gzip', 'uncompressed'])('reads batches that are %s', async (codec) => {
  const { values, open } = await writtenWith(codec);
  expect(open).toEqual([]);
  expect(values).toEqual(lines.map((one) => `${one}:id-${one}`).sort());
});

it('reads Zstandard where Node does, and else names what it needs', async () => {
  const { values, open } = await writtenWith('zstd');
  if ('zstdDecompressSync' in zlib) expect(values).toHaveLength(400);
  else
    expect(open).toEqual([
      `with-zstd/0 was read up to offset 0 of 400: records are compressed by Zstandard, which Node reads from 22.15 on; this is Node ${process.versions.node}`,
    ]);
});

it('reads the state of a Kafka: partitions, a group and its lag, and no group that does not exist', async () => {
  const topic = 'watched';
  const admin = cluster.kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
  const brokers = [{ id: 1, client: cluster.brokers[0] ?? '' }];
  const groups = ['readers', 'nobody'];
  const state = new KafkaState({ service: 'bus', brokers, topics: [topic], groups });
  const written = new KafkaState({ service: 'bus', brokers, topics: [topic], groups: [], written: [topic] });
  const partitions = { all: 2, writable: 2, inSync: 2, preferred: 2 };
  expect(await state.read()).toEqual({ partitions, groups: {} });
  const endsNow = async () => (await written.read()).ends;
  expect(await endsNow()).toEqual({ 'watched/0': 0, 'watched/1': 0 });
  const producer = cluster.kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [message('a'), message('b'), message('c', 1)] });
  expect(await endsNow()).toEqual({ 'watched/0': 2, 'watched/1': 1 });
  await admin.setOffsets({
    ...{ groupId: 'readers', topic },
    partitions: [0, 1].map((partition) => ({ partition, offset: '1' })),
  });
  expect(await state.read()).toEqual({ partitions, groups: { readers: { state: 'Empty', lag: 1 } } });
  const consumer = cluster.kafka.consumer({ groupId: 'readers' });
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({ eachMessage: async () => undefined });
  await expect
    .poll(async () => (await state.read()).groups, { timeout: 40_000, interval: 200 })
    .toEqual({ readers: { state: 'Stable', lag: 0 } });
  await consumer.disconnect();
  await Promise.all([producer.disconnect(), admin.disconnect()]);
  state.close();
  written.close();
  const nowhere = new KafkaState({
    service: 'bus',
    brokers: [{ id: 1, client: '127.0.0.1:1' }],
    topics: [topic],
    groups,
  });
  expect(await nowhere.read()).toEqual({ partitions: null, groups: {} });
  nowhere.close();
});
