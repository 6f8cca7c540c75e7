/**
 * What a partition costs in records: the leader loses the other brokers and controllers, its clients keep it. A ledger holds
 * every acknowledgement by key and offset; afterwards the log is read. With acks=1 exactly those are lost that the old leader
 * acknowledged past the end of its epoch, with acks=all and min.insync.replicas 2 none.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import kafkajs from 'kafkajs';
import { expect, it } from 'vitest';
import { iterationId, iterationOf, type RecordsResult } from '../../src/core/records.ts';
import { brokersOf } from '../../src/core/topology.ts';
import { RecordMatcher } from '../../src/measure/records/match-records.ts';
import { injectFault } from '../../src/run/inject.ts';
import { namedTarget } from '../../src/run/open/names.ts';
import { endOffsets, type PartitionAt } from '../../src/targets/records/end-offsets.ts';
import { Leaders } from '../../src/targets/records/leaders.ts';
import { readCommitted } from '../../src/targets/records/read-committed.ts';
import { ClusterView } from '../../systems/neural-hive-mind/stand-ins/src/kafka/cluster-view.ts';
import { IdempotentProducer } from '../../systems/neural-hive-mind/stand-ins/src/kafka/idempotent-producer.ts';
import { TOPICS } from '../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { usualSandbox } from './support-sandbox/test-bed.ts';

const { Kafka, logLevel } = kafkajs;
/** Nobody else writes into it without traffic. */
const TOPIC = 'intentions.infrastructure';
const PARTITION = 0;
const PARTITIONS = TOPICS.find((topic) => topic.name === TOPIC)?.partitions ?? Number.NaN;
const HOLD = '6s';
const PAUSE_MS = 20;
/** Of the idempotent producer, for one record: longer than the brokers need to choose another leader. */
const PATIENCE_MS = 20_000;

const bench = usualSandbox();

interface Acknowledged {
  readonly key: string;
  /** Where the leader said that it is. */
  readonly offset: number;
  readonly at: number;
}

/** Keys that librdkafka's partitioner sends to the one partition: `name-0`, `name-3`, ... */
function* keysOf(name: string): Generator<string, never> {
  for (let index = 0; ; index += 1) {
    const key = `${name}-${index}`;
    if (crc32(key) % PARTITIONS === PARTITION) yield key;
  }
}

const RUN = { run: 'loss', seed: 1 };
/** `one-17` is iteration 17. */
const numberOf = (key: string): number => Number(key.split('-')[1]);

const addresses = (): string[] => brokersOf(bench.sandbox.state.probeTopology).map((one) => one.client);
const client = (name: string) =>
  new Kafka({
    clientId: name,
    brokers: addresses(),
    logLevel: logLevel.NOTHING,
    requestTimeout: 2000,
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 500 },
  });

/**
 * One after another until stopped; an unacknowledged record may be in the log or not, and is in no ledger.
 */
async function writeToLeader(stop: AbortSignal): Promise<readonly Acknowledged[]> {
  const producer = client('loss-one').producer({ retry: { retries: 0 }, allowAutoTopicCreation: false });
  await producer.connect();
  const ledger: Acknowledged[] = [];
  for (const key of keysOf('one')) {
    if (stop.aborted) break;
    const headers = { 'correlation-id': iterationId(RUN, 'one', { vu: 1, iteration: numberOf(key) }) };
    const messages = [{ key, value: key, partition: PARTITION, headers }];
    const answer = await producer.send({ topic: TOPIC, acks: 1, messages }).catch(() => []);
    const offset = Number(answer[0]?.baseOffset ?? -1);
    if (answer[0]?.errorCode === 0) ledger.push({ key, offset, at: Date.now() });
    await sleep(PAUSE_MS);
  }
  await producer.disconnect();
  return ledger;
}

async function writeToAll(stop: AbortSignal): Promise<readonly Omit<Acknowledged, 'offset'>[]> {
  const view = new ClusterView({
    bootstrap: addresses(),
    clientId: 'loss-all',
    requestTimeoutMs: 1000,
    topics: [TOPIC],
  });
  const producer = new IdempotentProducer(view);
  await producer.init(performance.now() + PATIENCE_MS);
  const ledger: Omit<Acknowledged, 'offset'>[] = [];
  for (const key of keysOf('all')) {
    if (stop.aborted) break;
    const record = { topic: TOPIC, key, value: Buffer.from(key), headers: {} };
    const untilMs = performance.now() + PATIENCE_MS;
    const isDone = await producer.publish([record], { gzip: false, untilMs }).then(
      () => true,
      () => false,
    );
    if (isDone) ledger.push({ key, at: Date.now() });
    await sleep(PAUSE_MS);
  }
  view.close();
  return ledger;
}

interface Read {
  readonly key: string;
  readonly offset: number;
  /** Of the leader that wrote it. */
  readonly epoch: number;
}

/** The whole partition, up to the high watermark of the moment. */
async function readLog(): Promise<readonly Read[]> {
  const kafka = client('loss-read');
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(TOPIC);
  await admin.disconnect();
  const end = Number(offsets.find((one) => one.partition === PARTITION)?.high ?? 0);
  const consumer = kafka.consumer({ groupId: `loss-${process.pid}`, allowAutoTopicCreation: false });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const found: Read[] = [];
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      if (partition !== PARTITION) return;
      const { batchContext } = message as { batchContext?: { partitionLeaderEpoch: number } };
      const epoch = batchContext?.partitionLeaderEpoch ?? -1;
      found.push({ key: String(message.key), offset: Number(message.offset), epoch });
    },
  });
  const until = performance.now() + 30_000;
  while ((found.at(-1)?.offset ?? -1) < end - 1 && performance.now() < until) await sleep(50);
  await consumer.disconnect();
  return found;
}

/** What the ledger of a run would say, with the acknowledgements as good answers. */
async function ledgerOf(
  acknowledged: readonly Acknowledged[],
  from: readonly PartitionAt[],
): Promise<RecordsResult> {
  const leaders = new Leaders(brokersOf(bench.sandbox.state.probeTopology), [TOPIC]);
  const { signal } = new AbortController();
  const matcher = new RecordMatcher(RUN, [{ flow: 'one', executor: 'one' }]);
  for (const { key, at } of acknowledged) {
    const [second, rest] = [Math.floor(at / 1000), at % 1000];
    matcher.answers({ flow: 'one', second, good: [1, numberOf(key), rest], bad: {} });
  }
  const ends = await endOffsets(leaders, 10_000, signal);
  const spans = ends.map((end) => ({
    ...end,
    from: from.find((one) => one.partition === end.partition)?.offset ?? 0,
    to: end.offset,
  }));
  const { reached, open } = await readCommitted({
    ...{ leaders, spans, patienceMs: 20_000, longestMs: 60_000, signal },
    take: (place, records, aborted) => {
      const ids = records.map((one) => one.header('correlation-id'));
      const own = ids.flatMap((id) => (id === undefined ? [] : (iterationOf(id, RUN) ?? [])));
      const pairs = { one: own.flatMap(({ vu, iteration }) => [vu, iteration]) };
      const without = ids.filter((id) => id === undefined).length;
      matcher.row({ kind: 'read', ...place, own: pairs, foreign: 0, without, aborted });
    },
  });
  leaders.close();
  for (const one of reached) matcher.row({ kind: 'to', ...one });
  for (const { why } of open) matcher.row({ kind: 'open', why });
  return matcher.result([]);
}

async function offsetsNow(): Promise<readonly PartitionAt[]> {
  const leaders = new Leaders(brokersOf(bench.sandbox.state.probeTopology), [TOPIC]);
  const found = await endOffsets(leaders, 10_000, new AbortController().signal);
  leaders.close();
  return found;
}

it('a leader cut off from brokers and controllers loses what it alone acknowledged, and acks=all loses nothing', async () => {
  const stop = new AbortController();
  const before = await offsetsNow();
  const [one, all] = [writeToLeader(stop.signal), writeToAll(stop.signal)];
  // So that the partition is the one with the most records: its leader is the victim.
  await sleep(1500);
  const record = await injectFault({
    fault: 'partition-kafka',
    parameters: [`broker=leader of ${TOPIC}`, 'from=brokers'],
    target: namedTarget('sandbox'),
    holdFor: HOLD,
    places: bench.testBed.places,
    signal: new AbortController().signal,
    report: () => undefined,
    confirm: async () => undefined,
  });
  const said = `${record.status}: ${record.injection?.evidence}; ${record.removal?.evidence}`;
  expect(record, said).toMatchObject({ status: 'injected', cutShort: null });
  await sleep(4000);
  stop.abort();
  const [byLeader, byAll] = [await one, await all];
  const log = await readLog();
  const readable = new Set(log.map((entry) => entry.key));

  const lost = byLeader.filter((entry) => !readable.has(entry.key));
  // The end of the old leader's epoch, from the log alone: the first record of the first leader after it.
  const firstEpoch = log[0]?.epoch ?? -1;
  const endOfEpoch = log.find((entry) => entry.epoch > firstEpoch)?.offset ?? Number.NaN;
  const appliedAt = record.appliedAt ?? Number.NaN;
  const removedAt = record.removedAt ?? Number.NaN;
  console.log(
    `acks=1: ${byLeader.length} acknowledged, ${lost.length} lost (epoch ended at offset ${endOfEpoch}); ` +
      `acks=all: ${byAll.length} acknowledged, ${byAll.filter((entry) => !readable.has(entry.key)).length} lost`,
  );

  // acks=1: the ledger's own account, by where each record was said to be, agrees with the keys that cannot be read.
  const keyAt = new Map(log.map((entry) => [entry.offset, entry.key]));
  expect(byLeader.filter((entry) => keyAt.get(entry.offset) !== entry.key)).toEqual(lost);
  expect(lost.length).toBeGreaterThan(50);
  expect(lost.filter((entry) => entry.offset < endOfEpoch)).toEqual([]);
  expect(lost.filter((entry) => entry.at < appliedAt || entry.at > removedAt + 1000)).toEqual([]);
  const [firstLost, lastLost] = [
    byLeader.indexOf(lost[0] as Acknowledged),
    byLeader.indexOf(lost.at(-1) as Acknowledged),
  ];
  // In one piece: whatever the cut-off leader acknowledged past the end of its epoch, and nothing before or after.
  expect(byLeader.slice(firstLost, lastLost + 1)).toEqual(lost);
  expect(byLeader.slice(0, firstLost).filter((entry) => entry.offset >= endOfEpoch)).toEqual([]);
  expect(byLeader.length - lastLost, 'it writes again after the heal').toBeGreaterThan(5);

  // The ledger of records finds these and no others, each by its id.
  const ledger = await ledgerOf(byLeader, before);
  expect(ledger.open).toEqual([]);
  expect(ledger.flows['one']).toMatchObject({ acked: byLeader.length, lost: lost.length });
  const ids = lost.map(({ key }) => iterationId(RUN, 'one', { vu: 1, iteration: numberOf(key) }));
  expect(ledger.lostIds).toEqual(ids.slice(0, 10));

  // acks=all: everything acknowledged is there, once, also what was acknowledged during the cut by the new leader.
  expect(byAll.filter((entry) => !readable.has(entry.key))).toEqual([]);
  const often = log.filter((entry) => entry.key.startsWith('all-')).map((entry) => entry.key);
  expect(often.length).toBe(new Set(often).size);
  expect(byAll.filter((entry) => entry.at > appliedAt && entry.at < removedAt).length).toBeGreaterThan(20);
});
