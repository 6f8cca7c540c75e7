import { expect, it } from 'vitest';
import type { PathResult, StageCounts } from '../../../src/core/paths.ts';
import type { Recovery } from '../../../src/core/result.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { demoInput } from './fixture.ts';

const counts = (own: Partial<StageCounts>): StageCounts => ({
  ...{ expected: 200, arrived: 199, ended: 0, lost: 0, stuck: 0, waiting: 0, duplicated: 0, reordered: 0 },
  ...{ ms: { p50: 12, p95: 40, p99: 1250, max: 2000 }, ...own },
});
const path: PathResult = {
  ...{
    stages: ['orders.new', 'orders.done'],
    withinMs: 30_000,
    backwards: 2,
    open: ['orders.done/0 is <gone>'],
  },
  run: { whole: counts({ ended: 199, stuck: 1 }), stages: [counts({ arrived: 200 }), counts({ stuck: 1 })] },
  phases: {},
  ...{
    lostIds: [],
    stuckIds: ['a', 'b', 'c', 'd'].map((one) => `r/1/web/${one} (no record in orders.done)`),
  },
};
const layer: Recovery = {
  ...{ status: 'recovered', onsetMs: 0, sinceInjectedMs: 6500, sinceRemovedMs: 1100, boundMs: 500 },
  ...{ worst: 5100, lossSeconds: 4, flaps: 0 },
};

function input(): ReportInput {
  const { result, ...rest } = demoInput();
  const faults = result.faults.map((one) => ({
    ...one,
    layers: { 'bus in sync': layer, 'order-flow slow': { ...layer, worst: 0.5 } },
  }));
  return { ...rest, result: { ...result, faults, paths: { 'order-flow': path } } };
}

it('paths are in every report, with what is open and whose records are missing', () => {
  const text = renderSummary(input(), { width: 120, color: false });
  expect(text).toMatch(/^order-flow\/orders\.done$/m);
  expect(text).toMatch(/^ {2}all +12\.0 ms +40\.0 ms +1\.25 s +200 +199 +0 +1 +0 +0 +0$/m);
  expect(text).toContain('order-flow: not everything was read: orders.done/0 is <gone>');
  expect(text).toContain('r/1/web/c (no record in orders.done)');
  expect(text).not.toContain('r/1/web/d');
  expect(renderMarkdown(input())).toContain(
    '| order-flow/orders.done | all | 12.0 ms | 40.0 ms | 1.25 s | 200 | 199 | 0 | 1 | 0 | 0 | 0 |',
  );
  const html = renderHtml(input(), { uplotJs: '', uplotCss: '' });
  expect(html).toContain('<th scope="row">order-flow/orders.done</th>');
  expect(html).toContain('orders.done/0 is &lt;gone&gt;');
  expect(renderJunit(input())).toContain(
    'path order-flow/orders.done: 199 of 200 came, p99 1.25 s, 0 lost, 1 stuck, 0 waiting',
  );
  for (let width = 72; width <= 120; width += 8) {
    const lines = renderSummary(input(), { width, color: false }).split('\n');
    expect(lines.filter((one) => [...one].length > width)).toEqual([]);
  }
});

it('layers are rows of the table of recoveries, in their order, and below the levels of flows', () => {
  const text = renderSummary(input(), { width: 120, color: false });
  expect(text).toMatch(/bus in sync +recovered +6\.5 s \(−0\.5 s\) +1\.1 s \(−0\.5 s\) +5\.1 s/);
  expect(text).toMatch(/order-flow slow +recovered +6\.5 s \(−0\.5 s\) +1\.1 s \(−0\.5 s\) +50%/);
  expect(renderMarkdown(input())).toContain('bus in sync');
  expect(renderHtml(input(), { uplotJs: '', uplotCss: '' })).toContain('<th scope="row">bus in sync</th>');
});
