/** The acts on a topic while a broker is down or says something old: scripted brokers on real sockets. */
import { afterEach, describe, expect, it } from 'vitest';
import type { KafkaTopicActs, TopicChange } from '../../../src/core/acts/kafka-topic-acts.ts';
import { WireWriter } from '../../../src/protocols/kafka/wire.ts';
import { openKafkaActs } from '../../../src/targets/kafka-acts.ts';
import { type FakeBroker, fakeBroker } from '../../fakes/fake-broker.ts';

const [METADATA, DESCRIBE, ALTER] = [3, 32, 44];
const NOT_CONTROLLER = 41;
const ID = Buffer.alloc(16, 7);
const CHANGE: TopicChange = {
  ...{ cluster: 'c', topic: 'orders', id: ID.toString('base64url') },
  ...{ key: 'max.message.bytes', from: null, to: '100' },
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Metadata v12 of one topic whose two partitions this broker leads. */
const metadata = (): Buffer => {
  const writer = new WireWriter()
    .noTags()
    .int32(0)
    .compactArray([], () => undefined);
  writer.compactString('c').int32(1);
  writer.compactArray(['orders'], (name) => {
    writer.int16(0).compactString(name).raw(ID).int8(0);
    writer.compactArray([1, 0], (partition) => {
      writer.int16(0).int32(partition).int32(1).int32(0);
      for (let list = 0; list < 3; list += 1) writer.compactArray([1], (id) => writer.int32(id));
      writer.noTags();
    });
    writer.int32(0xffff).noTags();
  });
  return writer.noTags().finish();
};

const setting = (own: string | null): Buffer => {
  const writer = new WireWriter().int32(0).int32(1).int16(0).string(null).int8(2).string('orders');
  writer
    .int32(1)
    .string('max.message.bytes')
    .string(own ?? '1048588')
    .int8(0);
  return writer
    .int8(own === null ? 5 : 1)
    .int8(0)
    .int32(0)
    .finish();
};

/** Of one cluster: what one broker is told all of them say, but for one that is cut off. */
async function broker(state: { own: string | null }, alter = 0): Promise<FakeBroker> {
  const one = await fakeBroker();
  closers.push(() => one.close());
  one.answer(METADATA, metadata);
  one.answer(DESCRIBE, () => setting(state.own));
  one.answer(ALTER, (request) => {
    request.int32();
    const [, name] = [request.int8(), request.string()];
    request.int32();
    const [, operation, value] = [request.string(), request.int8(), request.string()];
    const isTried = request.int8() === 1;
    if (alter === 0 && !isTried) state.own = operation === 1 ? null : value;
    return new WireWriter().int32(0).int32(1).int16(alter).string(null).int8(2).string(name).finish();
  });
  return one;
}

function acts(...addresses: readonly string[]): KafkaTopicActs {
  const { topics } = openKafkaActs(addresses.map((client, index) => ({ id: index + 1, client })));
  if (topics === undefined) throw new Error('no topics');
  return topics;
}

const DOWN = '127.0.0.1:1';

describe('a setting of a topic', () => {
  it('is changed and restored by another broker where one is down, or knows no controller', async () => {
    const state = { own: null };
    const [lost, good] = [await broker(state, NOT_CONTROLLER), await broker(state)];
    const topics = acts(DOWN, lost.address, good.address);
    expect(await topics.topic('orders')).toEqual({
      cluster: 'c',
      topic: {
        ...{ cluster: 'c', topic: 'orders', id: CHANGE.id },
        isInternal: false,
        partitions: 2,
        lacks: [],
      },
    });
    expect(await topics.setConfig(CHANGE)).toBe('set');
    expect(await topics.config('orders', CHANGE.key)).toEqual([{ value: '100', isOwn: true }]);
    expect(await topics.setConfig({ ...CHANGE, from: '100', to: null })).toBe('set');
    expect(state.own).toBe(null);
  });

  it('is not tried for good: nothing is changed', async () => {
    const state = { own: null };
    await acts((await broker(state)).address).tryConfig(CHANGE);
    expect(state.own).toBe(null);
  });

  it('is left alone where any broker says a third value, and restored where one says the former', async () => {
    const [now, old] = [{ own: '100' }, { own: null as string | null }];
    const [first, second] = [await broker(now), await broker(old)];
    const topics = acts(first.address, second.address);
    const undo = { ...CHANGE, from: '100', to: null };
    old.own = '77';
    expect([await topics.setConfig(undo), now.own]).toEqual(['changed', '100']);
    old.own = null;
    expect([await topics.setConfig(undo), now.own]).toEqual(['set', null]);
  });

  it('is unchanged without a broker, and each of them is named', async () => {
    await expect(acts(DOWN, DOWN).setConfig(CHANGE)).rejects.toThrow(
      /^kafka-1: expected an answer to Metadata, got .*ECONNREFUSED.*\.\nkafka-2: expected an answer to Metadata, got /,
    );
  });
});
