import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iterationId, iterationOf, type RecordRow } from '../../../../src/core/records.ts';
import { epochMs } from '../../../../src/core/units.ts';
import { RecordMatcher } from '../../../../src/measure/records/match-records.ts';

const RUN = { run: 'shop-1', seed: 7 };
const FLOW = 'web.orders';
const flows = [{ flow: FLOW, executor: 'web_orders' }];
const T0 = 1_800_000_000;

const from = (topic: string, partition: number, offset = 0): RecordRow => ({
  kind: 'from',
  topic,
  partition,
  offset,
});
const to = (topic: string, partition: number, offset: number): RecordRow => ({
  kind: 'to',
  topic,
  partition,
  offset,
});
const read = (topic: string, partition: number, own: number[], rest = {}): RecordRow => ({
  ...{ kind: 'read' as const, topic, partition, own: { [FLOW]: own } },
  ...{ foreign: 0, without: 0, aborted: 0, ...rest },
});

describe('the ledger of records', () => {
  it('knows lost, late and duplicated from each other, by phase and by partition', () => {
    const matcher = new RecordMatcher(RUN, flows);
    // Good: VU 1 iterations 0 to 3, in two seconds. Not good: VU 2.
    expect(matcher.answers({ flow: FLOW, second: T0, good: [1, 0, 100, 1, 1, 900], bad: {} })).toBeNull();
    expect(
      matcher.answers({
        flow: FLOW,
        second: T0 + 1,
        good: [1, 2, 0, 1, 3, 500],
        bad: { timeout: [2, 0, 10, 2, 1, 20], interrupted: [2, 2, 999] },
      }),
    ).toBeNull();
    for (const row of [
      from('orders.new', 0, 40),
      read('orders.new', 0, [1, 0, 1, 2, 1, 2], { foreign: 3, aborted: 2 }),
      read('orders.new', 1, [1, 3, 2, 0, 2, 2], { without: 1 }),
      to('orders.new', 0, 48),
      to('orders.new', 1, 4),
    ])
      expect(matcher.row(row)).toBeNull();
    const phases = [
      { name: 'baseline', from: epochMs(T0 * 1000), to: epochMs(T0 * 1000 + 950) },
      { name: 'fault:x', from: epochMs(T0 * 1000 + 950), to: epochMs(T0 * 1000 + 1600) },
    ];
    expect(matcher.result(phases)).toEqual({
      flows: { [FLOW]: { sent: 7, acked: 4, lost: 1, late: 2, duplicated: 1 } },
      phases: {
        [FLOW]: {
          baseline: { sent: 2, acked: 2, lost: 1, late: 0, duplicated: 0 },
          // The interrupted one was due after it.
          'fault:x': { sent: 4, acked: 2, lost: 0, late: 1, duplicated: 1 },
        },
      },
      partitions: {
        'orders.new/0': {
          ...{ from: 40, to: 48, own: 3, late: 0, again: 1, foreign: 3, without: 0, aborted: 2 },
        },
        'orders.new/1': {
          ...{ from: 0, to: 4, own: 3, late: 2, again: 0, foreign: 0, without: 1, aborted: 0 },
        },
      },
      lateAs: { interrupted: 1, timeout: 1 },
      lostIds: ['shop-1/7/web_orders/1/1'],
      open: [],
    });
  });

  it('counts exactly what was planted, whatever the order and the partitions of the records', () => {
    const request = fc.record({
      vu: fc.integer({ min: 1, max: 4 }),
      isGood: fc.boolean(),
      ms: fc.integer({ min: 0, max: 999 }),
      second: fc.integer({ min: 0, max: 3 }),
      records: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 }),
      order: fc.double({ noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (drawn) => {
        const next = new Map<number, number>();
        const requests = drawn.map((one) => {
          const iteration = next.get(one.vu) ?? 0;
          next.set(one.vu, iteration + 1);
          return { ...one, iteration };
        });
        const matcher = new RecordMatcher(RUN, flows);
        for (const { vu, iteration, isGood, ms, second } of requests) {
          const triple = [vu, iteration, ms];
          const ends = isGood ? { good: triple, bad: {} } : { good: [], bad: { timeout: triple } };
          expect(matcher.answers({ flow: FLOW, second: T0 + second, ...ends })).toBeNull();
        }
        const records = requests.toSorted((a, b) => a.order - b.order);
        for (const { vu, iteration, records: places } of records)
          for (const partition of places) matcher.row(read('orders.new', partition, [vu, iteration]));
        matcher.row(to('orders.new', 0, 0));
        const phases = [0, 1, 2, 3].map((second) => {
          const at = (T0 + second) * 1000;
          return { name: String(second), from: epochMs(at), to: epochMs(at + 1000) };
        });
        const found = matcher.result(phases);
        const count = (of: typeof requests) => ({
          sent: of.length,
          acked: of.filter((one) => one.isGood).length,
          lost: of.filter((one) => one.isGood && one.records.length === 0).length,
          late: of.filter((one) => !one.isGood && one.records.length > 0).length,
          duplicated: of.filter((one) => one.records.length > 1).length,
        });
        expect(found.flows[FLOW]).toEqual(count(requests));
        for (const second of [0, 1, 2, 3])
          expect(found.phases[FLOW]?.[second]).toEqual(
            count(requests.filter((one) => one.second === second)),
          );
        const partitions = Object.values(found.partitions);
        const total = requests.reduce((sum, one) => sum + one.records.length, 0);
        expect(partitions.reduce((sum, one) => sum + one.own, 0)).toBe(total);
        expect(partitions.reduce((sum, one) => sum + one.late, 0)).toBe(found.flows[FLOW]?.late);
      }),
    );
  });

  it.each([
    ['nothing was read', [from('a', 0)], ['the run ended before it read what was committed']],
    ['reading failed', [from('a', 0), { kind: 'open', why: 'a/0 is gone' } as const], ['a/0 is gone']],
    [
      'no record has an id',
      [read('a', 0, [], { without: 12 }), to('a', 0, 12)],
      ["none of 12 records has an id: see where the system's file says that topics carry it"],
    ],
    [
      'a record has an id of a request that is not known',
      [read('a', 0, [9, 9]), to('a', 0, 1)],
      ['1 records are of requests of this run whose end was not written'],
    ],
  ])('is open when %s', (_name, rows, open) => {
    const matcher = new RecordMatcher(RUN, flows);
    for (const row of rows) matcher.row(row);
    expect(matcher.result([]).open).toEqual(open);
  });

  it('refuses lines that no run writes, without growing for them', () => {
    const matcher = new RecordMatcher(RUN, flows);
    const line = (good: number[], flow = FLOW) => matcher.answers({ flow, second: T0, good, bad: {} });
    expect(line([1, 2])).toBe('its numbers are not triples');
    expect(line([1, 4e9, 0])).toBe('1, 4000000000, 0 is no request of this run');
    expect(line([1, 0, 0], 'web.other')).toBe('flow web.other has no records that are followed');
    expect(matcher.row(read('a', 0, [1]))).toBe('its numbers are not pairs');
    expect(matcher.result([]).flows).toEqual({
      [FLOW]: { sent: 0, acked: 0, lost: 0, late: 0, duplicated: 0 },
    });
  });
});

describe('the id of an iteration', () => {
  it('is read back as it was made, and no other id is', () => {
    const name = fc.stringMatching(/^[a-z_]{1,12}$/);
    fc.assert(
      fc.property(name, fc.nat(9_999_999), fc.nat(999_999_999), (executor, vu, iteration) => {
        const id = iterationId(RUN, executor, { vu, iteration });
        expect(iterationOf(id, RUN)).toEqual({ executor, vu, iteration });
        expect(iterationOf(`order ${id}`, RUN)).toEqual({ executor, vu, iteration });
        expect(iterationOf(id, { ...RUN, seed: 8 })).toBeUndefined();
        expect(iterationOf(id, { ...RUN, run: 'shop-2' })).toBeUndefined();
      }),
    );
    for (const other of ['', 'x', 'shop-1/7/', 'shop-1/7/web/1', 'shop-1/7/web/1/-2'])
      expect(iterationOf(other, RUN)).toBeUndefined();
  });
});
