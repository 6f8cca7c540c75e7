import { expect, it } from 'vitest';
import type { StageTopic } from '../../../src/core/paths.ts';
import { pieceOf } from '../../../src/protocols/kafka/kafka-record.ts';
import { stageQuestion, stageRecord } from '../../../src/targets/records/stage-record.ts';
import { RecordValues, schemaOf } from '../../../src/targets/schemas/record-values.ts';

const values = new RecordValues(undefined, 'add it');
const piece = (text: string) => pieceOf(Buffer.from(text));
const json = (value: unknown) => ({
  header: () => undefined,
  key: null,
  value: piece(JSON.stringify(value)),
});
const topic = { name: 'orders.sent', correlation: { json: 'order.id' }, per: { field: 'parcel' } };
const wanted = { state: { kind: 'not', value: 'paid' } } as const;
const byRegistry = pieceOf(Buffer.from([0, 0, 0, 0, 7, 1, 2]));
/** Of one header. */
const headerIs = (name: string, value: string) => (asked: string) => (asked === name ? value : undefined);

it('reads the id, what tells records of one request apart, and of which paths it is the last', () => {
  const question = stageQuestion(topic, [undefined, wanted]);
  const read = (value: unknown) => stageRecord(json(value), question, values);
  const first = read({ order: { id: 'a' }, parcel: 1, state: 'paid' });
  expect(first).toMatchObject({ id: 'a', ends: 0 });
  expect(read({ order: { id: 'a' }, parcel: 1, state: 'refused' })).toEqual({ ...first, ends: 2 });
  expect(read({ order: { id: 'a' }, parcel: 2, state: 'paid' }).mark).not.toBe(first.mark);
  expect(first.mark).toBeGreaterThan(0);
  expect(first.mark).toBeLessThanOrEqual(2 ** 48);
});

it('needs no value for a header, and has no id where there is none', () => {
  const byHeader = stageQuestion({ name: 'x', correlation: { header: 'id' } }, []);
  const record = { header: headerIs('id', 'a'), key: null, value: byRegistry };
  expect(stageRecord(record, byHeader, values)).toEqual({
    ...{ id: 'a', mark: 0, ends: 0, carried: undefined, unread: undefined },
  });
  const idOf = (one: Partial<typeof record>, question = byHeader) =>
    stageRecord({ ...json({}), ...one }, question, values).id;
  expect(idOf({ header: headerIs('id', '') })).toBeUndefined();
  expect(idOf({}, stageQuestion(topic, []))).toBeUndefined();
  expect(schemaOf(byRegistry)).toBe(7);
  expect(schemaOf(piece('{}'))).toBeUndefined();
});

it('reads ids that it carries, from any place, and says what it could not read', () => {
  const carrying: StageTopic = {
    ...{ name: 'orders.paid', correlation: { key: true }, by: 'order' },
    carries: { parcel: { field: 'parcel.number' }, bill: { header: 'bill' }, van: { field: 'van' } },
  };
  const question = stageQuestion(carrying, []);
  const record = {
    header: headerIs('bill', 'b-1'),
    key: piece('o-1'),
    value: piece('{"parcel":{"number":17}}'),
  };
  expect(stageRecord(record, question, values)).toEqual({
    ...{ id: 'o-1', mark: 0, ends: 0, unread: undefined },
    carried: ['17', 'b-1', undefined],
  });
  const unread = { why: 'its schema was not asked for', schema: 7 };
  expect(stageRecord({ ...record, value: byRegistry }, question, values)).toMatchObject({
    id: 'o-1',
    unread,
  });
  expect(stageRecord({ ...record, key: byRegistry }, question, values)).toMatchObject({
    id: undefined,
    unread,
  });
});
