import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../src/report/html/page.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { FLOW, gateInput } from './gate-fixture.ts';

const assets = { uplotJs: 'the chart library', uplotCss: '' };
const textOf = (markup: string): string =>
  markup
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replace(/<wbr>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
const text = (input: ReportInput): string => renderSummary(input, { width: 120, color: false });

const PASSED = gateInput();
const UNKNOWN = gateInput({ slower: 1.04, blockSd: 0.25 });
const FAILED = gateInput({ slower: 1.3 });
const ANSWER =
  /INCONCLUSIVE: P\d\d ratio \d\.\d\d \(\d\.\d\d–\d\.\d\d\) after 32 pairs; \d+ more, \d+ min, for \+10 %/;

describe('the answer of a gate', () => {
  it('is the first line of every format', () => {
    const answer = ANSWER.exec(text(UNKNOWN))?.[0] ?? 'nothing';
    expect(text(UNKNOWN).startsWith(answer)).toBe(true);
    expect(renderMarkdown(UNKNOWN).startsWith(`### ${answer}`)).toBe(true);
    expect(renderHtml(UNKNOWN, assets)).toContain(`<title>${answer}; this one could have found`);
    expect(renderJunit(UNKNOWN)).toContain(`<skipped message="${answer}`);
    expect(`${UNKNOWN.result.gate?.status}: ${UNKNOWN.result.gate?.sentence}`.startsWith(answer)).toBe(true);
  });

  it('is that of the run where the run is worse than its pairs', () => {
    const torn = gateInput({ alsoBecause: [{ status: 'INVALID', text: 'interrupted: SIGINT' }] });
    expect(text(torn)).toMatch(
      /^INVALID: interrupted: SIGINT; the pairs alone: PASS, no metric is worse by 10 % or more after 24 pairs/,
    );
  });
});

describe('a gate on a terminal', () => {
  it('names both sides, the ratio and what is needed', () => {
    expect(text(UNKNOWN)).toMatch(
      /metric +baseline +candidate +ratio +interval +can find +pairs needed +answer/,
    );
    expect(text(UNKNOWN)).toMatch(
      /\nP99 gateway\.intentions +\d+\.\d ms +\d+\.\d ms +\d\.\d{3} +\d\.\d{3} to \d\.\d{3} +\+\d+ % +\d+ +INCONCLUSIVE\n/,
    );
  });

  it('names the checks that did not hold', () => {
    expect(text(gateInput({ unsettled: 1.3 }))).toMatch(
      /Checks: 6 of 8 are fine\n {2}First 3 s of a block to its rest, baseline: 1\.\d{3} \(1\.\d{3} to 1\.\d{3}\), 3 s of settling is too short: the first seconds of a block are slower than its rest\n/,
    );
  });
});

describe('a gate in JUnit', () => {
  it('fails, errs or is skipped with a message, as its metrics say', () => {
    expect(renderJunit(FAILED)).toMatch(/<failure type="FAIL" message="FAIL: P50 ratio 1\.3\d/);
    expect(renderJunit(FAILED)).toMatch(
      /name="gateway\.intentions P99" time="0\.000">\n {6}<failure type="FAIL" message="1\.\d{3} \(1\.\d{3} to 1\.\d{3}\)"\/>/,
    );
    expect(renderJunit(PASSED)).not.toMatch(/<(failure|error|skipped)[ >]/);
    expect(renderJunit(UNKNOWN)).toMatch(
      /<testsuite name="gate" tests="4" failures="0" errors="0" skipped="[123]"/,
    );
    const invalid = gateInput({ late: [1, 2, 3, 4, 5, 6, 7] });
    expect(renderJunit(invalid)).toContain(
      '<error type="INVALID" message="INVALID: 7 of 32 pairs dropped, more than a fifth (first: ',
    );
  });
});

describe('a gate as Markdown', () => {
  it('has a row a metric with both sides, and folds the rest', () => {
    const said = renderMarkdown(FAILED);
    expect(said).toContain('| Flow | Metric | Baseline | Candidate | Ratio (interval) | Pairs | Answer |');
    expect(said).toMatch(
      /\| gateway\.intentions \| P50 \| \d+\.\d ms \| \d+\.\d ms \| 1\.\d{3} \(1\.\d{3} to 1\.\d{3}\) \| 16 \| \*\*FAIL\*\* \|/,
    );
    expect(said.match(/<details>/g)).toHaveLength(3);
    expect(said.match(/<\/details>/g)).toHaveLength(3);
    expect(said).toContain('<!-- gauntlet:gate:pre%2Drelease -->');
  });

  it('says how to repeat it, with everything that was asked for', () => {
    expect(renderMarkdown(FAILED)).toContain(
      '```sh\ngauntlet gate pre-release --baseline blue --candidate green --metrics gateway.intentions:failed,gateway.intentions:p50,gateway.intentions:p95,gateway.intentions:p99 --find 10% --allow 0% --budget 900s --seed 42\n```',
    );
  });

  it('says that a shared dependency leans to PASS, with its address', () => {
    const side = (gateway: string) => ({ gateway, redis: '10.0.0.9:6379' });
    const addresses = { baseline: side('10.0.0.1:80'), candidate: side('10.0.0.2:80') };
    expect(renderMarkdown(gateInput({ addresses }))).toContain(
      '- Both sides use redis at 10.0.0.9:6379: a slow candidate then slows the baseline as well, the ratio shrinks, and the gate leans to PASS.',
    );
    expect(renderMarkdown(PASSED)).toContain(
      '- No address is known that both sides use. If they share a database',
    );
  });

  it('fits a comment of GitHub, whatever names and reasons are like', () => {
    const long = fc
      .string({ unit: 'grapheme', maxLength: 400 })
      .map((one) => `${one}|\`*<b>${'y'.repeat(3000)}`);
    const { gate } = PASSED.result;
    if (gate === undefined) throw new Error('the fixture is a gate');
    fc.assert(
      fc.property(long, fc.integer({ min: 0, max: 400 }), (name, count) => {
        const reasons = Array.from({ length: count }, () => ({ status: 'INVALID' as const, text: name }));
        const dropped = Array.from({ length: count }, (_, at) => ({ pair: at + 1, why: name }));
        const metrics = gate.metrics.map((one) => ({ ...one, flow: name, note: name }));
        const run = { ...PASSED.result.run, campaign: name };
        const verdict = { status: 'INVALID' as const, exitCode: 4, reasons };
        const said = renderMarkdown({
          ...PASSED,
          result: { ...PASSED.result, run, verdict, gate: { ...gate, dropped, metrics } },
        });
        expect(said.length).toBeLessThanOrEqual(65_536);
        expect(said.split('\n')[0]).toMatch(/^### INVALID: /);
        expect(said.match(/<details>/g)?.length).toBe(said.match(/<\/details>/g)?.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a gate as a page', () => {
  const page = renderHtml(
    gateInput({ late: [4], addresses: { baseline: { gateway: 'a:80' }, candidate: { gateway: 'b:80' } } }),
    assets,
  );

  it('answers in the order of the questions, and every link leads to a section', () => {
    const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map((one) => one[1]);
    expect(ids).toEqual([
      'verdict',
      'gate',
      'pairs',
      'times',
      'checks',
      'looks',
      'sides',
      'repeat',
      'ledger',
      'timeline',
      'reading',
      'environment',
      'plan',
    ]);
    const links = [...page.matchAll(/ href="#([^"]+)"/g)].map((one) => one[1]);
    expect(links.filter((one) => !ids.includes(one))).toEqual([]);
  });

  it('needs no script and loads nothing', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/(?:src|href)\s*=\s*["']?\s*(?:https?:)?\/\//i);
  });

  it('draws every metric on one scale, with words for those who do not see it', () => {
    expect(
      page.match(
        /class="g-strip" height="34" role="img" aria-label="gateway\.intentions (failed|P50|P95|P99): /g,
      ),
    ).toHaveLength(4);
    expect(textOf(page)).toContain('must be found: +10 %');
  });

  it('draws a mark a pair, the dropped one hollow with its reason, and the order as a shape', () => {
    const p50 =
      /<figcaption>gateway\.<wbr>intentions P50<\/figcaption>[\s\S]*?<\/figure>/.exec(page)?.[0] ?? '';
    expect(p50.match(/class="g-pair /g)).toHaveLength(32);
    expect(p50.match(/class="g-pair dropped"/g)).toHaveLength(1);
    expect(p50).toMatch(
      /<title>pair 4, (baseline|candidate) first, at 01:18: \d\.\d{3}; dropped: (baseline|candidate): arrivals of gateway\.intentions started 80 ms late \(P99\)<\/title>/,
    );
    expect(p50.match(/<circle class="g-pair/g)?.length).toBeGreaterThan(8);
    expect(p50.match(/<path class="g-pair/g)?.length).toBeGreaterThan(8);
    expect(textOf(page)).toContain('Pair 4 dropped : baseline: arrivals');
  });

  it('draws both sides as curves, and their numbers in a table', () => {
    expect(page.match(/class="g-curve g-base" vector-effect/g)).toHaveLength(1);
    expect(page.match(/class="g-curve g-cand" vector-effect/g)).toHaveLength(1);
    expect(textOf(page)).toMatch(/baseline 31,000 \d+\.\d ms/);
    expect(textOf(page)).toMatch(/pooled ratio +(0\.9|1\.0)\d\d/);
  });

  it('says at which look it was decided', () => {
    expect(textOf(page)).toContain(
      'Said 16 0.000412 0.00557 undecided 24 0.00379 0.0219 PASS 32 0.0113 0.0427 not reached',
    );
  });

  it('names the instances of both sides where their platforms know them', () => {
    const { gate } = PASSED.result;
    if (gate?.evidence === undefined) throw new Error('the fixture is a gate');
    const evidence = { ...gate.evidence, replicas: { baseline: { gateway: 3 }, candidate: { gateway: 3 } } };
    const page = renderHtml({ ...PASSED, result: { ...PASSED.result, gate: { ...gate, evidence } } }, assets);
    expect(textOf(page)).toContain('Instances of gateway 3 3');
  });

  it('explains the words of a gate, and none of faults that it has not', () => {
    expect(textOf(page)).toContain(
      'Can find A difference that this gate would have failed nine times in ten.',
    );
    expect(textOf(page)).not.toContain('Flap');
  });

  it('draws a metric without bounds to the edges, and a gate without a single pair', () => {
    const { gate } = PASSED.result;
    if (gate === undefined) throw new Error('the fixture is a gate');
    const open = gate.metrics.map((one) => ({ ...one, low: null, high: null }));
    const page = renderHtml(
      { ...PASSED, result: { ...PASSED.result, gate: { ...gate, metrics: open } } },
      assets,
    );
    expect(page).toContain('<line class="g-interval" x1="0.00%" x2="100.00%"');
    expect(textOf(renderHtml(gateInput({ pairs: 0 }), assets))).toContain('No pair was run.');
  });

  it('has no number that is none, whatever was measured', () => {
    for (const world of [
      {},
      { pairs: 1 },
      { pairs: 0 },
      { failing: 100 },
      { late: [1, 2, 3] },
      { quantities: ['failed'] as const },
    ])
      expect(renderHtml(gateInput(world), assets)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('lets no name of a flow become markup', () => {
    expect(renderHtml(gateInput({ flow: '<b onload="x">' }), assets)).not.toContain('<b onload');
    expect(FLOW).not.toContain('<');
  });
});
