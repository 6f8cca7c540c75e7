import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathPlan, StageRow } from '../../../../src/core/paths.ts';
import { epochMs } from '../../../../src/core/units.ts';
import { Fates } from '../../../../src/measure/paths/fates.ts';
import { PathRecords } from '../../../../src/measure/paths/path-records.ts';
import { pathResult } from '../../../../src/measure/paths/path-result.ts';
import { walkPath } from '../../../../src/measure/paths/walk-path.ts';
import { IterationTable } from '../../../../src/measure/records/iteration-table.ts';

const FLOW = 'web.orders';
const T0 = 1_800_000_000_000;
const UNTIL = T0 + 100_000;
const topic = (name: string) => ({ name, correlation: { header: 'id' } });
const plan: PathPlan = {
  ...{ name: 'order-flow', withinMs: 10_000, flows: [FLOW] },
  stages: ['new', 'paid', 'done'].map((name) => ({ name, topics: [topic(`orders.${name}`)] })),
};

/** One record: iteration of VU 1, offset, ms since T0; mark and ends. */
type Seen = readonly [iteration: number, offset: number, at: number, mark?: number, ends?: number];
const read = (name: string, partition: number, ...seen: readonly Seen[]): StageRow => ({
  ...{ kind: 'read', topic: `orders.${name}`, partition, foreign: 0, without: 0 },
  own: {
    [FLOW]: seen.flatMap(([one, offset, at, mark = 0, ends = 0]) => [1, one, offset, T0 + at, mark, ends]),
  },
});
const until: StageRow = { kind: 'until', at: UNTIL };

function requests(good: readonly number[], bad: readonly number[] = []): IterationTable {
  const table = new IterationTable();
  for (const one of good) table.end(1, one, T0 + one * 100, 0);
  for (const one of bad) table.end(1, one, T0 + one * 100, 1);
  return table;
}

function judged(table: IterationTable, rows: readonly StageRow[], asked: PathPlan = plan) {
  const records = new PathRecords(asked, 0);
  for (const row of rows) expect(records.row(row)).toBeNull();
  return pathResult(
    records,
    walkPath(records, () => table),
    {
      run: { run: 'shop-1', seed: 7 },
      executors: { [FLOW]: 'web_orders' },
      phases: [
        { name: 'baseline', from: epochMs(T0), to: epochMs(T0 + 250) },
        { name: 'fault:x', from: epochMs(T0 + 250), to: epochMs(T0 + 9000) },
      ],
      open: [],
    },
  );
}

const counts = (one: object) => {
  const { ms: _times, ...rest } = one as { ms: unknown };
  return rest;
};
const none = { ended: 0, lost: 0, stuck: 0, waiting: 0, duplicated: 0, reordered: 0 };

describe('a path', () => {
  it('finds one planted loss, one duplicate and one swap, each at its stage and in its phase', () => {
    const all = [0, 1, 2, 3, 4, 5];
    const found = judged(requests(all), [
      read('new', 0, ...all.map((one): Seen => [one, one, one * 100 + 10])),
      // 1 is lost, 2 and 3 are swapped.
      read('paid', 0, ...[0, 3, 2, 4, 5].map((one, at): Seen => [one, at, one * 100 + 30])),
      // 4 is there twice.
      read('done', 0, ...[0, 3, 2, 4, 4, 5].map((one, at): Seen => [one, at, one * 100 + 70])),
      until,
    ]);
    expect(found.run.stages.map(counts)).toEqual([
      { ...none, expected: 6, arrived: 6 },
      { ...none, expected: 6, arrived: 5, lost: 1, reordered: 1 },
      { ...none, expected: 5, arrived: 5, ended: 5, duplicated: 1 },
    ]);
    expect(counts(found.run.whole)).toEqual({
      ...{ expected: 6, arrived: 5, ended: 5, lost: 1, stuck: 0, waiting: 0, duplicated: 1, reordered: 1 },
    });
    expect(found.phases['baseline']?.whole).toMatchObject({
      expected: 3,
      lost: 1,
      duplicated: 0,
      reordered: 1,
    });
    expect(found.phases['fault:x']?.whole).toMatchObject({
      expected: 3,
      lost: 0,
      duplicated: 1,
      reordered: 0,
    });
    expect(found.lostIds).toEqual(['shop-1/7/web_orders/1/1 (no record in paid)']);
    expect(found.run.whole.ms).toEqual({ p50: 70, p95: 70, p99: 70, max: 70 });
    expect(found.run.stages.map((one) => one.ms.p99)).toEqual([10, 20, 40]);
    expect(found).toMatchObject({ stuckIds: [], backwards: 0, open: [] });
  });

  it('says stuck where nothing behind it came on, and waiting while the service still brings others', () => {
    const first = read('new', 0, [0, 0, 10], [1, 1, 110], [2, 2, 210]);
    const stuck = judged(requests([0, 1, 2]), [first, read('paid', 0, [0, 0, 30]), until]);
    expect(stuck.run.stages[1]).toMatchObject({ arrived: 1, lost: 0, stuck: 2, waiting: 0 });
    expect(stuck.stuckIds).toEqual([
      'shop-1/7/web_orders/1/0 (no record in done)',
      'shop-1/7/web_orders/1/1 (no record in paid)',
      'shop-1/7/web_orders/1/2 (no record in paid)',
    ]);
    // The first came on 5 s before the end: the service is slow, and nobody knows yet.
    const slow = judged(requests([0, 1, 2]), [first, read('paid', 0, [0, 0, 95_000]), until]);
    expect(slow.run.stages[1]).toMatchObject({ arrived: 1, lost: 0, stuck: 0, waiting: 2 });
    // It may serve one partition after the other.
    const other = judged(requests([0, 1, 2]), [
      read('new', 0, [0, 0, 10], [1, 1, 110]),
      read('new', 1, [2, 0, 210]),
      ...[read('paid', 0, [0, 0, 95_000]), until],
    ]);
    expect(other.run.stages[1]).toMatchObject({ stuck: 0, waiting: 2 });
  });

  it('waits for a request that is younger than the time it may stay', () => {
    const table = requests([0, 1]);
    const rows = [read('new', 0, [0, 0, 91_000], [1, 1, 91_001]), read('paid', 0, [1, 0, 91_500]), until];
    expect(judged(table, rows).run.stages[1]).toMatchObject({ arrived: 1, lost: 0, waiting: 1 });
    const records = new PathRecords(plan, 0);
    for (const row of rows) records.row(row);
    expect(new Fates(records, UNTIL).waiting()).toBe(2);
    expect(new Fates(records, UNTIL + 60_000).waiting()).toBe(0);
  });

  it('knows a record that is gone from one that never was, and follows what was not acknowledged', () => {
    const found = judged(requests([0, 1], [2, 3]), [
      // 0 has no record at all. 1 came to the end, and its second record is gone. 2 has records, 3 none.
      read('new', 0, [1, 0, 110], [2, 1, 210]),
      read('paid', 0, [2, 1, 230]),
      read('done', 0, [1, 0, 170], [2, 1, 270]),
      until,
    ]);
    expect(found.run.stages.map(counts)).toEqual([
      { ...none, expected: 3, arrived: 2, lost: 1 },
      { ...none, expected: 2, arrived: 1, lost: 1 },
      { ...none, expected: 2, arrived: 2, ended: 2 },
    ]);
    expect(found.run.whole).toMatchObject({ expected: 3, arrived: 2, lost: 2 });
  });

  it('ends with a last record, and knows records that belong together from duplicates', () => {
    const found = judged(requests([0, 1, 2]), [
      read('new', 0, [0, 0, 10], [1, 1, 110], [2, 2, 210]),
      read('paid', 0, [0, 0, 20, 0, 1], [1, 1, 120, 0, 2], [2, 2, 220]),
      // 1 with two records that belong together; of 2 the second is there twice.
      read('done', 0, [1, 0, 130, 5], [1, 1, 131, 6], [2, 2, 230, 5], [2, 3, 231, 6], [2, 4, 232, 6]),
      until,
    ]);
    // 0 ended at the second stage by the first path's bit; the bit of 1 is another path's.
    expect(counts(found.run.stages[1] ?? {})).toEqual({ ...none, expected: 3, arrived: 3, ended: 1 });
    expect(counts(found.run.stages[2] ?? {})).toEqual({
      ...none,
      expected: 2,
      arrived: 2,
      ended: 2,
      duplicated: 1,
    });
    expect(found.run.whole).toMatchObject({ expected: 3, arrived: 2, ended: 3, lost: 0, stuck: 0 });
  });

  it('counts a time below zero as zero, and says how many there were', () => {
    const rows = [read('new', 0, [0, 0, 10]), read('paid', 0, [0, 0, 5]), read('done', 0, [0, 0, 30]), until];
    const found = judged(requests([0]), rows);
    expect(found.backwards).toBe(1);
    expect(found.run.stages.map((one) => one.ms.max)).toEqual([10, 0, 25]);
  });

  it('is open when the logs were not read, and refuses lines that no run writes', () => {
    const records = new PathRecords(plan, 0);
    expect(records.open).toEqual(['the run ended before it read the records of its paths']);
    expect(records.row({ kind: 'open', why: 'orders.new/0 is gone' })).toBeNull();
    expect(records.open).toEqual(['orders.new/0 is gone']);
    const own = (...numbers: number[]): StageRow => ({
      ...{
        kind: 'read',
        topic: 'orders.new',
        partition: 0,
        foreign: 0,
        without: 0,
        own: { [FLOW]: numbers },
      },
    });
    expect(records.row(own(1, 2, 3))).toBe('its numbers are not six a record');
    expect(records.row(own(1, 4e9, 0, 0, 0, 0))).toBe('1, 4000000000 is no request of this run');
  });

  it('counts exactly what was planted, whatever the order of the lines', () => {
    const drawn = fc.array(
      fc.record({
        partition: fc.integer({ min: 0, max: 1 }),
        isLost: fc.boolean(),
        copies: fc.integer({ min: 1, max: 3 }),
        place: fc.double({ noNaN: true, min: 0, max: 1 }),
        order: fc.double({ noNaN: true, min: 0, max: 1 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(drawn, (all) => {
        const offsets = [0, 0];
        const before = all.map(({ partition }, one) => {
          const offset = offsets[partition] ?? 0;
          offsets[partition] = offset + 1;
          return { one, partition, offset };
        });
        // What comes on, in a drawn order, into one partition; copies follow each other.
        const passed = all
          .map((one, index) => ({ ...one, index }))
          .filter((one) => !one.isLost)
          .sort((a, b) => a.place - b.place || a.index - b.index);
        let next = 0;
        const after = passed.map(({ index, copies }) => {
          const offset = next;
          next += copies;
          return { index, copies, offset };
        });
        const rows = [
          ...before.map(({ one, partition, offset }) => read('new', partition, [one, offset, 10 + one])),
          ...after.map(({ index, copies, offset }) =>
            read(
              'paid',
              0,
              ...Array.from({ length: copies }, (_, at): Seen => [index, offset + at, 50 + offset]),
            ),
          ),
        ].map((row, index) => ({ row, order: all[index % Math.max(1, all.length)]?.order ?? 0 }));
        const lines = [...rows.sort((a, b) => a.order - b.order).map((one) => one.row), until];
        const two = { ...plan, stages: plan.stages.slice(0, 2) };
        const found = judged(requests(all.map((_, index) => index)), lines, two).run.stages[1];
        const offsetOf = (index: number): number => before[index]?.offset ?? -1;
        const isPassed = (index: number): boolean =>
          passed.some(
            (one) => one.partition === all[index]?.partition && offsetOf(one.index) > offsetOf(index),
          );
        const missing = all.flatMap((one, index) => (one.isLost ? [index] : []));
        const overtaken = passed.filter(({ index, partition }, at) =>
          passed
            .slice(0, at)
            .some((one) => one.partition === partition && offsetOf(one.index) > offsetOf(index)),
        );
        expect(found).toMatchObject({
          expected: all.length,
          arrived: passed.length,
          lost: missing.filter(isPassed).length,
          stuck: missing.filter((one) => !isPassed(one)).length,
          waiting: 0,
          duplicated: passed.filter((one) => one.copies > 1).length,
          reordered: overtaken.length,
        });
      }),
    );
  });
});
