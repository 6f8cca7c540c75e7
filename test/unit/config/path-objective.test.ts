import { describe, expect, it } from 'vitest';
import { parseObjective } from '../../../src/config/objective-line.ts';

const known = {
  ...{ flows: ['web.orders'], phases: ['baseline'], faults: ['kill-pod'], searches: [] },
  paths: ['order-flow', 'order-flow/orders.done'],
};
const read = (text: string) => {
  const parsed = parseObjective(text, known);
  return parsed.ok
    ? `${parsed.value.flow} ${parsed.value.indicator.kind} ${parsed.value.comparison} ${parsed.value.limit} ${parsed.value.scope.kind}`
    : parsed.problems.map((one) => `${one.column}: expected ${one.expected}, got ${one.got}`);
};

describe('an objective on a path', () => {
  it.each([
    ['order-flow stuck = 0', 'order-flow stuck <= 0 run'],
    ['order-flow/orders.done reordered <= 2 in baseline', 'order-flow/orders.done reordered <= 2 phase'],
    ['order-flow lost = 0', 'order-flow lost <= 0 run'],
    ['order-flow/orders.done p99 < 2s in baseline', 'order-flow/orders.done quantile < 2000 phase'],
    ['order-flow failed < 1% in baseline', 'order-flow failed < 0.01 phase'],
    ['order-flow recovered < 60s after kill-pod', 'order-flow recovered < 60000 after'],
  ])('reads %s', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it('has no rate, no other clock, no windows; and no flow of the load is stuck', () => {
    const words =
      'a percentile of the response, failed, recovered, lost, duplicated, stuck or reordered for a path';
    expect(read('order-flow rate >= 9/s in baseline')).toEqual([`12: expected ${words}, got "rate"`]);
    expect(read('order-flow service p99 < 2s in baseline')).toEqual([`12: expected ${words}, got "service"`]);
    expect(read('order-flow late < 1%')).toEqual([`12: expected ${words}, got "late"`]);
    expect(read('order-flow p99 < 2s in baseline over 5s')).toEqual([
      '33: expected the end of the line, got "over"',
    ]);
    expect(read('web.orders stuck = 0')).toEqual([
      '12: expected a path of the system before stuck and reordered, got "stuck"',
    ]);
  });
});
