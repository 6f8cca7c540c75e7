/**
 * A path over three topics of a real broker, with a planted loss, duplicate and swap; judged from its file. Its
 * last topic has JSON and Avro, and knows requests by an id that the topic before carries.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PathPlan } from '../../src/core/paths.ts';
import { iterationId } from '../../src/core/records.ts';
import { epochMs } from '../../src/core/units.ts';
import { pathResult } from '../../src/measure/paths/path-result.ts';
import { walkPath } from '../../src/measure/paths/walk-path.ts';
import { IterationTable } from '../../src/measure/records/iteration-table.ts';
import { readPaths } from '../../src/run/evidence/stage-reader.ts';
import { PathLedger } from '../../src/run/story/path-ledger.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { RecordValues } from '../../src/targets/schemas/record-values.ts';
import { RegistryClient } from '../../src/targets/schemas/registry-client.ts';
import { TestRegistry, written } from '../support/schema-registry.ts';
import { smallPlan } from '../unit/run/evidence/small-run.ts';
import { makeTestBed, type TestBed } from './support-sandbox/test-bed.ts';
import { startKafka, type TestKafka } from './support-services/kafka.ts';

const RUN = { run: 'shop-1', seed: 7 };
const FLOW = 'web.orders';
const EXECUTOR = 'web_orders';
const header = { correlation: { header: 'order-id' } };
const json = { correlation: { json: 'order.id' } };
const path: PathPlan = {
  ...{ name: 'order-flow', withinMs: 1500, flows: [FLOW] },
  stages: [
    { name: 'orders.new', topics: [{ name: 'orders.new', ...header }] },
    {
      name: 'orders.paid',
      topics: [
        { name: 'orders.paid', ...json, carries: { parcel: { field: 'parcel' } } },
        { name: 'orders.refused', ...json },
      ],
      ends: { state: { kind: 'not', value: 'paid' } },
    },
    {
      name: 'orders.done',
      topics: [
        {
          ...{ name: 'orders.done', correlation: { field: 'parcel.number' }, by: 'parcel' },
          per: { field: 'item' },
        },
      ],
    },
  ],
};
const topics = path.stages.flatMap((one) => one.topics.map(({ name }) => name));

const PARCEL = {
  ...{ type: 'record', name: 'Done' },
  fields: [
    { name: 'item', type: 'string' },
    {
      name: 'parcel',
      type: ['null', { type: 'record', name: 'Parcel', fields: [{ name: 'number', type: 'string' }] }],
    },
  ],
};

let bed: TestBed;
let registry: TestRegistry;
let cluster: TestKafka;
let runDir: string;

beforeAll(async () => {
  bed = await makeTestBed();
  registry = await new TestRegistry({ ids: { 7: { schema: JSON.stringify(PARCEL) } } }).start();
  runDir = mkdtempSync(join(tmpdir(), 'gauntlet-path-'));
  cluster = await startKafka(bed.tools, {
    nodes: 1,
    topics: topics.map((name) => ({ name, partitions: 2 })),
  });
});
afterAll(async () => {
  await cluster?.stop();
  await registry?.stop();
  bed?.remove();
  if (runDir) rmSync(runDir, { recursive: true });
});

const idOf = (iteration: number): string => iterationId(RUN, EXECUTOR, { vu: 1, iteration });
/** At times that differ by 10 ms, so that the times of the stages are exact. */
const T0 = Date.now() - 60_000;
const first = (one: number) => ({
  ...{ partition: one % 2, value: 'new', timestamp: String(T0 + one * 10) },
  headers: { 'order-id': idOf(one) },
});
const later = (one: number, afterMs: number, more: object = {}) => ({
  ...{ partition: one % 2, timestamp: String(T0 + one * 10 + afterMs) },
  value: JSON.stringify({ order: { id: idOf(one) }, state: 'paid', parcel: `p-${one}`, ...more }),
});
const done = (one: number, item: 'a' | 'b') => {
  const value = { item, parcel: { number: `p-${one}` } };
  return {
    ...{ partition: one % 2, timestamp: String(T0 + one * 10 + 50) },
    value: item === 'a' ? JSON.stringify(value) : written(7, PARCEL, value),
  };
};

it('finds each of them at its stage', async () => {
  const { signal } = new AbortController();
  const ledger = new PathLedger({
    values: new RecordValues(
      new RegistryClient({
        ...{ at: { url: registry.url }, subject: 'services.bus.registry', clock: monotonicClock, signal },
      }),
      '',
    ),
    ...{ paths: [path], run: RUN, flows: new Map([[EXECUTOR, FLOW]]), runDir, clock: monotonicClock },
    brokers: [{ id: 1, client: cluster.brokers[0] ?? '' }],
    signal,
    onBroken: (error) => expect.fail(String(error)),
  });
  const producer = cluster.kafka.producer();
  await producer.connect();
  const send = (topic: string, ...messages: Parameters<typeof producer.send>[0]['messages']) =>
    producer.send({ topic, messages });
  await send('orders.new', first(99));
  await ledger.begin();
  const all = Array.from({ length: 12 }, (_, one) => one);
  await send('orders.new', ...all.map(first));
  // 2 is lost, 4 and 6 are swapped, 9 is refused, 5 is there twice.
  await send('orders.paid', ...[0, 1, 3, 6, 4, 5, 5, 7, 8, 10, 11].map((one) => later(one, 20)));
  await send('orders.refused', later(9, 20, { state: 'refused' }));
  // Two items each; of 7 the second is there twice. 11 is nowhere, and nothing is behind it.
  const both = [0, 1, 3, 6, 4, 5, 7, 8, 10].flatMap((one) => [done(one, 'a'), done(one, 'b')]);
  await send('orders.done', ...both, done(7, 'b'));
  await send('orders.done', { partition: 0, value: Buffer.from([0, 0, 0, 0, 8, 1, 2, 3]) });
  await ledger.finish({ open: [], reached: [] });
  await producer.disconnect();

  const read = readPaths(runDir, { ...smallPlan, paths: [path] }, true);
  expect(read).toMatchObject({ flaws: [], cut: [] });
  const table = new IterationTable();
  for (const one of all) table.end(1, one, T0 + one * 10 - 5, 0);
  const [records] = read.paths;
  if (records === undefined) throw new Error('no path');
  const found = pathResult(
    records,
    walkPath(records, () => table),
    {
      ...{ run: RUN, executors: { [FLOW]: EXECUTOR }, open: [] },
      phases: [{ name: 'baseline', from: epochMs(T0 - 5), to: epochMs(T0 + 60) }],
    },
  );
  const none = { ended: 0, lost: 0, stuck: 0, waiting: 0, duplicated: 0, reordered: 0 };
  const even = (ms: number) => ({ p50: ms, p95: ms, p99: ms, max: ms });
  expect(found.run.stages).toEqual([
    { ...none, expected: 12, arrived: 12, ms: even(5) },
    { ...none, expected: 12, arrived: 11, ended: 1, lost: 1, duplicated: 1, reordered: 1, ms: even(20) },
    { ...none, expected: 10, arrived: 9, ended: 9, stuck: 1, duplicated: 1, ms: even(30) },
  ]);
  expect(found.run.whole).toMatchObject({ expected: 12, arrived: 9, lost: 1, stuck: 1, ms: even(55) });
  expect(found.phases['baseline']?.stages[1]).toMatchObject({ expected: 7, lost: 1, reordered: 1 });
  expect(found.lostIds).toEqual([`${idOf(2)} (no record in orders.paid)`]);
  expect(found.stuckIds).toEqual([`${idOf(11)} (no record in orders.done)`]);
  expect(found.open).toEqual([
    `1 record in orders.done could not be read, schema 8: the registry at ${new URL(registry.url).host} has no schema 8`,
  ]);
  expect(registry.asked).toEqual(['/schemas/ids/7', '/schemas/ids/8']);
});
