import { describe, expect, it } from 'vitest';
import { asAa } from '../../../src/measure/gate/judge-aa.ts';
import { roundsText } from '../../../src/report/gate-rounds.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { gateInput } from './gate-fixture.ts';

function aaInput(): ReportInput {
  const input = gateInput();
  const { gate } = input.plan;
  if (gate === undefined || input.result.gate === undefined) throw new Error('the fixture is a gate');
  const plan = { ...gate, baseline: gate.candidate, aa: true } as const;
  const said = asAa(input.result.gate, plan);
  const reasons = [{ status: said.status, text: said.sentence }];
  return {
    ...input,
    plan: { ...input.plan, gate: plan },
    result: { ...input.result, gate: said, verdict: { ...input.result.verdict, reasons } },
  };
}

describe('the noise of a place in a report', () => {
  const input = aaInput();
  const text = renderSummary(input, { width: 120, color: false });

  it('stands on a terminal below the answer, with what it means', () => {
    expect(text).toMatch(/^PASS: A\/A: no metric is worse by 10 % or more after \d\d pairs .*\n/);
    expect(text).toMatch(/\nA\/A: equal versions pass here: P\d\d varies by \d+ % a pair; \+10 % needs /);
    expect(text).toMatch(/noise of +sd of a pair +32 pairs find +pairs for \+10 % +minutes\n/);
    expect(text).toMatch(/\ngateway\.intentions P50 +0\.\d{3} +\+\d+\.\d % +\d+ +\d+\n/);
  });

  it('stands in Markdown and HTML too, and both repeat the A/A gate', () => {
    for (const page of [renderMarkdown(input), renderHtml(input, { uplotJs: '', uplotCss: '' })]) {
      expect(page).toContain('equal versions pass here');
      expect(page).toContain('sd of a pair');
      expect(page).toContain(`--aa --target ${input.plan.gate?.candidate}`);
      expect(page).not.toContain('--baseline');
    }
  });

  it('is in no report of a gate of two targets', () => {
    expect(renderSummary(gateInput(), { width: 120, color: false })).not.toContain('sd of a pair');
  });
});

describe('several A/A gates', () => {
  it('are counted, with the false alarms that are to be expected', () => {
    expect(roundsText(['PASS', 'INCONCLUSIVE', 'PASS'], 0.05)).toBe(
      '3 A/A gates: 1 INCONCLUSIVE, 2 PASS; no false alarm, where at most 5 % are to be expected',
    );
    expect(roundsText(['FAIL', 'PASS'], 0.05)).toBe(
      '2 A/A gates: 1 FAIL, 1 PASS; 1 false alarm, where at most 5 % are to be expected',
    );
  });
});
