import { describe, expect, it } from 'vitest';
import { parseSystem } from '../../../../src/config/system/read-system.ts';
import { ms } from '../../../../src/core/units.ts';

const shop = (paths: string) => `
schema: gauntlet.system/1
name: shop
summary: Orders on a bus
services:
  bus:
    kafka:
      topics:
        orders.new: { correlation: { header: id } }
        orders.paid: { correlation: { json: order.id }, per: { json: item } }
        orders.refused:
paths: ${paths}
`;
const read = (paths: string) => parseSystem('system.yaml', shop(paths)).paths;
const problemsOf = (paths: string): string => {
  try {
    read(paths);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};

describe('a path of a system file', () => {
  it('is a list of topics, or stages with several topics, last records and a time', () => {
    const topic = (name: string, correlation: object | null) => ({ name, service: 'bus', correlation });
    const refused = topic('orders.refused', null);
    const [first, paid] = [
      topic('orders.new', { header: 'id' }),
      { ...topic('orders.paid', { json: 'order.id' }), per: { json: 'item' } },
    ];
    expect(read('{ short: [orders.new, orders.paid] }')).toEqual([
      {
        ...{ name: 'short', withinMs: ms(30_000) },
        stages: [
          { name: 'orders.new', topics: [first], ends: null },
          { name: 'orders.paid', topics: [paid], ends: null },
        ],
      },
    ]);
    const long = `
  long:
    within: 5s
    stages:
      - orders.new
      - { topics: [orders.paid, orders.ref*], ends: { state: { not: paid } } }`;
    expect(read(long)).toEqual([
      {
        ...{ name: 'long', withinMs: ms(5000) },
        stages: [
          { name: 'orders.new', topics: [first], ends: null },
          {
            name: 'orders.paid',
            topics: [paid, refused],
            ends: { state: { kind: 'not', value: 'paid' } },
          },
        ],
      },
    ]);
  });

  it('reports each mistake at its place', () => {
    expect(
      problemsOf('{ p: [orders.nwe, { topics: [orders.payd], end: {} }], q: [orders.new] }'),
    ).toMatchInlineSnapshot(`
      "system.yaml:12:14: paths.p: expected a declared topic: one of orders.new, orders.paid, orders.refused, got "orders.nwe". Did you mean orders.new?
      system.yaml:12:37: paths.p.topics: expected a declared topic: one of orders.new, orders.paid, orders.refused, got "orders.payd". Did you mean orders.paid?
      system.yaml:12:51: paths.p key: expected one of topics, ends, got "end". Did you mean ends?
      system.yaml:12:66: paths.q: expected a list of topics, got ["orders.new"]."
    `);
    expect(problemsOf('{ p: [orders.new, orders.paid, orders.*] }')).toMatchInlineSnapshot(
      `"system.yaml:12:39: paths.p: expected each topic at one stage, got "orders.*"."`,
    );
    expect(problemsOf('{ p: { stages: [orders.new, orders.paid], within: 1h } }')).toMatchInlineSnapshot(
      `"system.yaml:12:58: paths.p.within: expected a duration from 1s to 4m, such as 30s, got "1h"."`,
    );
  });
});
