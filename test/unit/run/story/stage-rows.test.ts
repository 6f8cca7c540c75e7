/** Records of a path become lines of their requests: by their own ids, or by those that earlier records carry. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathPlan, StageRow } from '../../../../src/core/paths.ts';
import { iterationId } from '../../../../src/core/records.ts';
import { KafkaRecord, type Piece, pieceOf } from '../../../../src/protocols/kafka/kafka-record.ts';
import { StageRows } from '../../../../src/run/story/stage-rows.ts';
import { RecordValues } from '../../../../src/targets/schemas/record-values.ts';

const RUN = { run: 'shop-1', seed: 7 };
const path: PathPlan = {
  ...{ name: 'order-flow', withinMs: 1000, flows: ['web.orders'] },
  stages: [
    {
      name: 'orders.new',
      topics: [
        { name: 'orders.new', correlation: { header: 'request' }, carries: { order: { field: 'id' } } },
      ],
    },
    {
      name: 'orders.paid',
      topics: [
        {
          ...{ name: 'orders.paid', correlation: { field: 'order' }, by: 'order' },
          carries: { parcel: { field: 'parcel' } },
        },
      ],
      ends: { state: { kind: 'not', value: 'paid' } },
    },
    { name: 'orders.sent', topics: [{ name: 'orders.sent', correlation: { key: true }, by: 'parcel' }] },
  ],
};

const rowsOf = (): StageRows =>
  new StageRows({
    ...{ paths: [path], run: RUN, flows: new Map([['web_orders', 'web.orders']]) },
    values: new RecordValues(undefined, 'add services.bus.registry.address to its file'),
  });

type Sent = readonly [topic: string, record: KafkaRecord];
interface Parts {
  readonly request?: string;
  readonly key?: Piece;
  readonly value?: Piece;
}
/** @param request the value of the one header. */
function record(topic: string, offset: number, { request = '', key, value }: Parts): Sent {
  const bytes = Buffer.from(`request${request}`);
  const header = request === '' ? [] : [0, 7, 7, bytes.length];
  return [topic, new KafkaRecord(offset, 1000 + offset, key ?? null, value ?? null, bytes, header)];
}
const jsonOf = (value: object): Piece => pieceOf(Buffer.from(JSON.stringify(value)));
const asNew = (iteration: number, order: unknown): Sent =>
  record('orders.new', iteration, {
    request: iterationId(RUN, 'web_orders', { vu: 1, iteration }),
    value: jsonOf({ id: order }),
  });
const asPaid = (offset: number, order: unknown, more: object): Sent =>
  record('orders.paid', offset, { value: jsonOf({ order, state: 'paid', ...more }) });
const asSent = (offset: number, parcel: string): Sent =>
  record('orders.sent', offset, { key: pieceOf(Buffer.from(parcel)) });

/** Each record is a reading of its own. */
async function readAll(sent: readonly Sent[]): Promise<readonly StageRow[]> {
  const rows = rowsOf();
  const found: StageRow[] = [];
  for (const [topic, one] of sent) found.push(...(await rows.take({ topic, partition: 0 }, [one])));
  return [...found, ...rows.rest()];
}

/** `topic iteration` of each record, sorted. */
const ownIn = (rows: readonly StageRow[]): readonly string[] =>
  rows
    .flatMap((row) =>
      row.kind === 'read'
        ? Object.values(row.own).flatMap((numbers) =>
            Array.from({ length: numbers.length / 6 }, (_, at) => `${row.topic} ${numbers[at * 6 + 1]}`),
          )
        : [],
    )
    .sort();
const foreignIn = (rows: readonly StageRow[]): number =>
  rows.reduce((sum, row) => sum + (row.kind === 'read' ? row.foreign : 0), 0);
const openIn = (rows: readonly StageRow[]): readonly string[] =>
  rows.flatMap((row) => (row.kind === 'open' ? [row.why] : []));

describe('the lines of a path', () => {
  it('have each record at its request, in whatever order partitions were read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 12 })
          .chain((count) =>
            fc.tuple(
              fc.array(fc.boolean(), { minLength: count, maxLength: count }),
              fc.array(fc.integer({ min: 0, max: 2 }), { minLength: count, maxLength: count }),
              fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }),
            ),
          ),
        async ([isPaid, copies, order]) => {
          const sent: Sent[] = [];
          const expected: string[] = [];
          for (const [one, paid] of isPaid.entries()) {
            sent.push(asNew(one, one));
            expected.push(`orders.new ${one}`);
            if (!paid) continue;
            sent.push(asPaid(one, one, { parcel: `p-${one}` }));
            expected.push(`orders.paid ${one}`);
            for (let copy = 0; copy < (copies[one] ?? 0); copy += 1) {
              sent.push(asSent(one * 2 + copy, `p-${one}`));
              expected.push(`orders.sent ${one}`);
            }
          }
          // Of others: nobody here carries these.
          sent.push(asPaid(99, 'foreign', { parcel: 'q' }), asSent(99, 'q'));
          const shuffled = sent
            .map((one, at) => [order[at % order.length] ?? 0, one] as const)
            .sort(([a], [b]) => a - b)
            .map(([, one]) => one);
          const rows = await readAll(shuffled);
          expect(ownIn(rows)).toEqual(expected.sort());
          expect(foreignIn(rows)).toBe(2);
        },
      ),
    );
  });

  it('have offset, time and last records of those that waited', async () => {
    const rows = await readAll([asPaid(7, 'o', { state: 'refused' }), asNew(3, 'o')]);
    expect(rows.filter((one) => one.kind === 'read' && one.topic === 'orders.paid')).toEqual([
      { kind: 'read', topic: 'orders.paid', partition: 0, own: {}, foreign: 0, without: 0 },
      {
        ...{ kind: 'read', topic: 'orders.paid', partition: 0, foreign: 0, without: 0 },
        own: { 'web.orders': [1, 3, 7, 1007, 0, 1] },
      },
    ]);
    expect(openIn(rows)).toEqual([]);
  });
});

describe('a path is open', () => {
  it('where a record carries no id for those behind it, and is not the last one', async () => {
    const rows = await readAll([asNew(0, 'a'), asPaid(0, 'a', {}), asNew(1, undefined)]);
    expect(openIn(rows)).toEqual([
      "1 record in orders.new carries no order: see its carries in the system's file",
      "1 record in orders.paid carries no parcel: see its carries in the system's file",
    ]);
  });

  it('where requests share an id', async () => {
    const rows = await readAll([asNew(0, 'a'), asNew(1, 'a'), asNew(2, 'b'), asNew(2, 'b')]);
    expect(openIn(rows)).toEqual([
      '1 id by the name order is carried by records of several requests, and a record of it is followed for the first of them alone',
    ]);
  });

  it('where no record at all has an id, or one that an earlier record carries', async () => {
    const rows = await readAll([
      asNew(0, 'a'),
      asPaid(0, 'b', { parcel: 'p' }),
      record('orders.sent', 0, {}),
      record('orders.sent', 1, {}),
    ]);
    expect(openIn(rows)).toEqual([
      "none of 1 records in orders.paid has an id order that an earlier record carries: see carries and by in the system's file",
      "none of 2 records in orders.sent has an id: see its correlation in the system's file",
    ]);
  });

  it('where records could not be read, with their number and the reason', async () => {
    const bytes = pieceOf(Buffer.from([0, 0, 0, 0, 7, 1, 2]));
    const rows = await readAll([
      asNew(0, 'a'),
      record('orders.paid', 0, { value: bytes }),
      record('orders.paid', 1, { value: bytes }),
    ]);
    expect(openIn(rows)[0]).toBe(
      '2 records in orders.paid could not be read, schema 7: the target names no schema registry: add services.bus.registry.address to its file',
    );
  });
});
