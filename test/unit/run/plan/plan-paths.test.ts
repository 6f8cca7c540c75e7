import { describe, expect, it } from 'vitest';
import type { ScenarioLoad } from '../../../../src/core/load-plan.ts';
import type { TopicPath } from '../../../../src/core/system.ts';
import { ms } from '../../../../src/core/units.ts';
import { pathsPlan } from '../../../../src/run/plan/plan-paths.ts';

const topic = (name: string, service = 'bus', correlation: { header: string } | null = { header: 'id' }) => ({
  ...{ name, service, correlation },
});
const path = (...topics: ReturnType<typeof topic>[]): TopicPath => ({
  ...{ name: 'order-flow', withinMs: ms(30_000) },
  stages: topics.map((one) => ({ name: one.name, topics: [one], ends: null })),
});
const load = (...records: string[]) =>
  [{ flows: [{ flow: 'web.orders', ...(records.length > 0 && { records }) }] }] as unknown as ScenarioLoad[];
const place = { file: 'c.yaml', line: 1, column: 1 };
const goals = (flow: string) =>
  ({ objectives: [{ flow, indicator: { kind: 'lost' } }], places: [place] }) as never;
const records = { service: 'bus', topics: [] };
const planned = (one: TopicPath, objective = 'order-flow', own = load('orders.new')) =>
  pathsPlan(own, own[0]?.flows[0]?.records ? records : undefined, {
    ...{ paths: [one], goals: goals(objective), targetPlace: place },
  });
const whole = path(topic('orders.new'), topic('orders.done'));

describe('which paths a run follows', () => {
  it('are those that an objective names, or one of whose stages it names', () => {
    expect(planned(whole).paths).toEqual([
      {
        ...{ name: 'order-flow', withinMs: 30_000, flows: ['web.orders'] },
        stages: ['orders.new', 'orders.done'].map((name) => ({
          ...{ name, topics: [{ name, correlation: { header: 'id' } }] },
        })),
      },
    ]);
    expect(planned(whole, 'order-flow/orders.done').paths).toHaveLength(1);
    expect(planned(whole, 'web.orders')).toEqual({ paths: [], problems: [] });
  });

  it.each([
    [
      'a topic does not say where its id is',
      path(topic('orders.new'), topic('orders.done', 'bus', null)),
      load('orders.new'),
      'topic orders.done has no correlation',
    ],
    [
      'another Kafka has a topic',
      path(topic('orders.new'), topic('orders.done', 'archive')),
      load('orders.new'),
      'topic orders.done of archive, and bus has those of the load',
    ],
    [
      'the load writes elsewhere too',
      whole,
      load('orders.new', 'orders.other'),
      'no flow of the load that writes to orders.new alone',
    ],
    ['the load writes nothing', whole, load(), 'no flow of the load that writes to orders.new alone'],
  ])('is none where %s, and the objective says so', (_why, one, own, got) => {
    const { paths, problems } = planned(one, 'order-flow', own);
    expect(paths).toEqual([]);
    expect(problems).toMatchObject([{ expected: 'a path order-flow that can be followed', got, place }]);
  });
});
