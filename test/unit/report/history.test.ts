import { describe, expect, it } from 'vitest';
import type { HistoryPlan, HistoryRun } from '../../../src/core/gate-history.ts';
import { judgeHistory } from '../../../src/measure/gate/judge-history.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { demoInput } from './fixture.ts';

const FLOW = 'gateway.intentions';
const flow = (p50: number) => ({ [FLOW]: { due: 1000, bad: 0, goodMs: { p50 } } });

function historyInput(slower: number, count = 12): ReportInput {
  const runs = Array.from(
    { length: count },
    (_, at): HistoryRun => ({ id: `r${at}`, startedAt: '', flows: flow(20 + (at % 3)) }),
  );
  const plan: HistoryPlan = {
    metrics: (['failed', 'p50'] as const).map((quantity) => ({ flow: FLOW, quantity })),
    times: { allow: 0, find: 0.1 },
    failed: { allow: 0, find: 0.005 },
    ...{ alpha: 0.025, folder: 'runs/main', runs, leftOut: [{ id: 'old', why: 'it is <b>INVALID</b>' }] },
    attempt: { number: 2, alpha: 0.05, version: null, earlier: [{ run: 'r', status: 'FAIL' }] },
  };
  const input = demoInput();
  const history = judgeHistory(flow(21 * slower), plan);
  const { status } = history;
  const reasons = [{ status, text: history.sentence }];
  return {
    ...input,
    plan: { ...input.plan, faults: [], history: plan },
    result: {
      ...input.result,
      ...{ faults: [], objectives: [], history },
      verdict: { status, exitCode: 1, reasons },
    },
  };
}

describe('a candidate against earlier runs in a report', () => {
  const failed = historyInput(2);
  const text = renderSummary(failed, { width: 120, color: false });

  it('is answered in the first line, which says that it is the weaker gate and which attempt it is', () => {
    expect(text).toMatch(
      /^FAIL: against 12 earlier runs, weaker than side by side: P50 ratio 2\.00 \(1\.\d\d–2\.\d\d\); attempt 2: level\s+2\.5 %\n/,
    );
  });

  it('shows both sides, the ratio, how runs differ and what one can find, and what was left out', () => {
    expect(text).toMatch(
      /gateway\.intentions P50 +21\.0 ms +42\.0 ms +2\.00\d \(1\.\d+ to 2\.\d+\) +4 % +\+\d+ % +FAIL\n/,
    );
    expect(text).toContain('left out: old: it is <b>INVALID</b>');
  });

  it('is in Markdown and HTML too, with foreign text escaped', () => {
    const page = renderHtml(failed, { uplotJs: '', uplotCss: '' });
    expect(page).toContain('Candidate against earlier runs');
    expect(page).not.toContain('<b>INVALID</b>');
    const markdown = renderMarkdown(failed);
    expect(markdown).toContain('## Candidate against earlier runs');
    expect(markdown).toMatch(/\| gateway.intentions P50 \| 21\.0 ms \| 42\.0 ms \| /);
  });

  it('is a suite of JUnit: a failure, or an error where there is no verdict', () => {
    expect(renderJunit(failed)).toMatch(/<failure type="FAIL" message="2\.00\d \(1\.\d+ to 2\.\d+\)"\/>/);
    const few = historyInput(1, 9);
    expect(few.result.history?.status).toBe('NO-DATA');
    expect(renderJunit(few)).toContain('9 of the 10 runs that a verdict needs');
    expect(renderJunit(few)).toMatch(/<error type="NO-DATA"/);
  });

  it('fits the width of a terminal', () => {
    for (const width of [72, 100, 120]) {
      const lines = renderSummary(failed, { width, color: false }).split('\n');
      expect(Math.max(...lines.map((one) => [...one].length))).toBeLessThanOrEqual(width);
    }
  });
});
