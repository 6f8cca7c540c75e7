import { expect, it } from 'vitest';
import { isByRegistry } from '../../../src/targets/records/correlation-id.ts';
import { stageRecord } from '../../../src/targets/records/stage-record.ts';

const json = (value: unknown) => ({ headers: [], value: Buffer.from(JSON.stringify(value)) });
const topic = { name: 'orders.sent', correlation: { json: 'order.id' }, per: { json: 'parcel' } };
const wanted = { state: { kind: 'not', value: 'paid' } } as const;

it('reads the id, what tells records of one request apart, and of which paths it is the last', () => {
  const read = (value: unknown) => stageRecord(json(value), { topic, ends: [undefined, wanted] });
  const first = read({ order: { id: 'a' }, parcel: 1, state: 'paid' });
  expect(first).toMatchObject({ id: 'a', ends: 0 });
  expect(read({ order: { id: 'a' }, parcel: 1, state: 'refused' })).toEqual({ ...first, ends: 2 });
  expect(read({ order: { id: 'a' }, parcel: 2, state: 'paid' }).mark).not.toBe(first.mark);
  expect(first.mark).toBeGreaterThan(0);
  expect(first.mark).toBeLessThanOrEqual(2 ** 48);
});

it('needs no JSON for a header, and has no id where there is none', () => {
  const headers = [['id', Buffer.from('a')]] as const;
  const value = Buffer.from([0, 0, 0, 0, 7, 1, 2]);
  const byHeader = { topic: { name: 'x', correlation: { header: 'id' } }, ends: [] };
  expect(stageRecord({ headers, value }, byHeader)).toEqual({ id: 'a', mark: 0, ends: 0 });
  expect(stageRecord({ headers: [], value: null }, byHeader).id).toBeUndefined();
  expect(stageRecord({ headers: [['id', Buffer.alloc(0)]], value }, byHeader).id).toBeUndefined();
  expect(stageRecord({ headers: [], value }, { topic, ends: [] }).id).toBeUndefined();
  expect(isByRegistry({ value })).toBe(true);
  expect(isByRegistry(json({ order: 1 }))).toBe(false);
});
