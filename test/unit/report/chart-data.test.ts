import { describe, expect, it } from 'vitest';
import { chartData } from '../../../src/report/html/chart-data.ts';
import type { SeriesPoint } from '../../../src/report/input.ts';
import { demoInput, emptyInput, START } from './fixture.ts';

const point = (index: number, more: Partial<SeriesPoint> = {}): SeriesPoint => ({
  second: START / 1000 + index,
  due: 10,
  started: 9,
  dropped: 1,
  failed: 0,
  p50: 5,
  p95: 8,
  p99: 9,
  ...more,
});

describe('chart data', () => {
  it('puts all flows on one axis of seconds since the run began', () => {
    const data = chartData(demoInput());
    expect(data.flows.map((flow) => flow.name)).toEqual([
      'gateway.intentions',
      'specialist.business',
      'specialist.technical',
      'specialist.behavior',
      'specialist.evolution',
      'hive.plan',
    ]);
    expect(data.step).toBe(1);
    expect([data.x.length, data.x[0], data.x.at(-1)]).toEqual([158, 0, 157]);
    for (const flow of data.flows) expect(flow.p99).toHaveLength(158);
  });

  it('leaves a gap where a second is missing, instead of a zero or a line across it', () => {
    const data = chartData({ ...demoInput(), series: { f: [point(0), point(2)] } });
    expect(data.flows[0]?.due).toEqual([10, null, 10]);
    expect(data.flows[0]?.p99).toEqual([9, null, 9]);
  });

  it('keeps the peak of a long run: worst second for percentiles, mean for rates', () => {
    const points = Array.from({ length: 4800 }, (_, index) => point(index));
    points[1] = point(1, { p99: 5000, due: 30 });
    const data = chartData({ ...demoInput(), series: { f: points } });
    expect(data.step).toBe(2);
    expect(data.x).toHaveLength(2400);
    expect(data.flows[0]?.p99.slice(0, 2)).toEqual([5000, 9]);
    expect(data.flows[0]?.due.slice(0, 2)).toEqual([20, 10]);
  });

  it('does not turn an unknown percentile into a number', () => {
    const silent = point(0, { p50: null, p95: null, p99: null });
    expect(chartData({ ...demoInput(), series: { f: [silent] } }).flows[0]?.p99).toEqual([null]);
  });

  it('takes the fault windows from the measured instants', () => {
    expect(chartData(demoInput()).windows[1]).toEqual({
      name: 'partition-kafka',
      status: 'injected',
      applied: 40.06,
      injected: 41.02,
      removed: 49.24,
      watched: 112,
    });
  });

  it('has no point for a run that measured nothing', () => {
    expect(chartData(emptyInput())).toMatchObject({ x: [], flows: [], windows: [] });
  });
});
