/** Ids by which records know their request: which topic carries them, and which one is known by them. */
import { expect, it } from 'vitest';
import { parseSystem } from '../../../../src/config/system/read-system.ts';

const shopWith = (topics: string, paths = '{}') =>
  parseSystem(
    'system.yaml',
    `schema: gauntlet.system/1
name: shop
summary: a shop
services:
  bus: { kafka: { topics: ${topics} } }
paths: ${paths}
`,
  );
const problemsOf = (topics: string, paths?: string): readonly string[] => {
  try {
    shopWith(topics, paths);
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\S+: /, ''));
  }
  return [];
};

const NEW = 'orders.new: { correlation: { header: id }, carries: { order: { field: order.id } } }';

it('are read with their places', () => {
  const { topics } = shopWith(
    `{ ${NEW}, orders.paid: { correlation: key, by: order }, orders.old: { correlation: { json: id } } }`,
    '{ flow: [orders.new, orders.paid] }',
  );
  expect(topics).toEqual([
    {
      ...{ name: 'orders.new', service: 'bus', correlation: { header: 'id' } },
      carries: { order: { field: 'order.id' } },
    },
    { name: 'orders.paid', service: 'bus', correlation: { key: true }, by: 'order' },
    { name: 'orders.old', service: 'bus', correlation: { json: 'id' } },
  ]);
});

it('are known from an earlier stage, and from a topic at all', () => {
  expect(problemsOf(`{ ${NEW}, orders.paid: { correlation: key, by: ordr } }`)).toEqual([
    'services.bus.kafka.topics.orders.paid.by: expected an id that a topic carries: order, got "ordr". Did you mean order?',
  ]);
  expect(problemsOf('{ orders.paid: { correlation: key, by: order } }')).toEqual([
    'services.bus.kafka.topics.orders.paid.by: expected a topic that carries it, got "order". Add carries: { order: { field: PATH } } to the topic whose records have both ids.',
  ]);
  expect(problemsOf(`{ ${NEW}, orders.paid: { by: order } }`)).toEqual([
    'services.bus.kafka.topics.orders.paid.by: expected correlation with it, got none.',
  ]);
  expect(
    problemsOf(
      `{ ${NEW}, orders.paid: { correlation: key, by: order } }`,
      '{ flow: [orders.paid, orders.new] }',
    ),
  ).toEqual([
    'paths.flow: expected an earlier stage that carries order, by which orders.paid knows its requests, got none.',
  ]);
  expect(problemsOf('{ orders.new: { correlation: value } }')).toEqual([
    'services.bus.kafka.topics.orders.new.correlation: expected { header: name }, { field: path } or key, got "value".',
  ]);
});
