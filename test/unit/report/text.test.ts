import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { demoInput, emptyInput, inputWithSteps } from './fixture.ts';

const summary = (width: number, color = false): string => renderSummary(demoInput(), { width, color });

describe('the terminal summary', () => {
  it('ends with the verdict', () => {
    expect(summary(80).split('\n').at(-1)).toBe('Verdict: FAIL (exit 1)');
  });

  it('fits every width from 72 columns on', () => {
    for (let width = 72; width <= 160; width += 4) {
      const long = summary(width)
        .split('\n')
        .filter((line) => [...line].length > width);
      expect(long).toEqual([]);
    }
  });

  it('shows whole names and the percentiles that matter in 80 columns', () => {
    const lines = summary(80).split('\n');
    expect(lines).toContain('  phase                     count  failed  dropped      P50      P95      P99');
    expect(lines).toContain('  recovery:partition-kafka  6,240   2.49%       60  74.8 ms   165 ms   4.71 s');
    expect(lines).toContain('specialist.technical');
  });

  it('has a line for each step of an iteration below its phase, with its service times', () => {
    const shown = renderSummary(inputWithSteps(), { width: 116, color: false });
    expect(shown).toMatch(
      /^ {4}post \(service\) +4,321 +1\.50 ms +1\.60 ms +1\.70 ms +1\.80 ms +1\.90 ms +77\.3 ms$/m,
    );
    expect(renderMarkdown(inputWithSteps())).toContain(
      '| baseline › post (service) | 4,321 | – | – | – | – | 1.50 ms | 1.60 ms | 1.70 ms | 1.80 ms | 1.90 ms | 77.3 ms |',
    );
  });

  it('calls failed what objectives call failed: of all that were due, also the dropped and unanswered', () => {
    const input = demoInput();
    const stats = input.result.flows['hive.plan']?.['baseline'];
    if (stats === undefined) throw new Error('the fixture has a baseline');
    // The first sandbox run: 364 of 2776 answers were bad (13.1%), 224 of 3000 never came, the objective said 19.6%.
    const flows = { 'hive.plan': { baseline: { ...stats, due: 3000, count: 2776, failed: 364 } } };
    const shown = renderSummary(
      { ...input, result: { ...input.result, flows } },
      { width: 80, color: false },
    );
    expect(shown).toMatch(/baseline +2,776 +19\.6% /);
  });

  it('says why arrivals were not good in one line per flow, and nothing of a flow where all were', () => {
    const input = demoInput();
    const stats = input.result.flows['hive.plan']?.['baseline'];
    if (stats === undefined) throw new Error('the fixture has a baseline');
    const calm = { baseline: { ...stats, outcomes: {} } };
    const outcomes = { timeout: 1412, 'http-500': 7, dropped: 3, duplicate: 2, 'grpc-14': 1 };
    const flows = {
      'hive.plan': { baseline: { ...stats, outcomes }, steady: { ...stats, outcomes: { 'http-500': 5 } } },
      'gateway.intentions': calm,
    };
    const shown = renderSummary(
      { ...input, result: { ...input.result, flows } },
      { width: 80, color: false },
    );
    expect(shown).toContain('\nhive.plan not good: timeout 1,412, http-500 12, dropped 3 and 3 others\n');
    expect(shown).not.toContain('gateway.intentions not good');
  });

  it('adds rate, P90, P99.9 and max where there is room', () => {
    expect(summary(140)).toMatch(/phase +count +failed +dropped +rate +P50 +P90 +P95 +P99 +P99\.9 +max\n/);
  });

  it('says how many answers of probes were left out because our own process stood still', () => {
    const input = demoInput();
    const [first, ...rest] = input.result.faults;
    if (first?.recovery['held'] === undefined) throw new Error('the fixture has faults');
    const held = { ...first.recovery['held'], ownStalls: 2 };
    const faults = [{ ...first, recovery: { ...first.recovery, held } }, ...rest];
    const told =
      "kill-pod: probe answers left out (own-stall: Gauntlet's own process was not running): 2 held";
    const shown = { ...input, result: { ...input.result, faults } };
    expect(renderSummary(shown, { width: 140, color: false })).toContain(told);
    expect(renderMarkdown(shown)).toContain('2 held');
    expect(renderMarkdown(input)).not.toContain('own-stall');
  });

  it('shows recoveries with bounds, and counts what never degraded', () => {
    expect(summary(140)).toMatch(/hive\.plan failed +not recovered +> 60 s +> 51\.8 s +81% +22\.4 s\n/);
    expect(summary(80)).toContain('partition-kafka: 2 of 8 SLIs never degraded');
    expect(summary(140)).toContain(
      'kill-pod: pod 5.14 s = noticed 40.0 ms + back-off 1.00 s + started 620 ms + ready 3.05 s',
    );
  });

  it('has no colour unless asked for, and the same words with it', () => {
    expect(summary(100)).toBe(stripVTControlCharacters(summary(100)));
    const coloured = summary(100, true);
    expect(coloured).toContain('\u001b[31mFAIL\u001b[39m');
    expect(stripVTControlCharacters(coloured)).toBe(summary(100));
  });

  it('lets no target move the cursor', () => {
    const input = demoInput();
    const faults = input.result.faults.map((fault) => ({ ...fault, name: 'a\u001b[2Jb' }));
    const shown = renderSummary(
      { ...input, result: { ...input.result, faults } },
      { width: 80, color: false },
    );
    expect(shown).not.toContain('\u001b');
    expect(shown).toContain('a [2Jb: injected and removed');
  });

  it('says of an empty run that nothing was measured', () => {
    const shown = renderSummary(emptyInput(), { width: 80, color: false });
    expect(shown).toContain('No arrival was measured.');
    expect(shown).toContain('No fault was planned.');
    expect(shown).toContain('No objective was set.');
    expect(shown).toContain('Arrivals: 0 due, 0 started, 0 dropped; ledger: nothing counted');
    expect(shown.split('\n').at(-1)).toBe('Verdict: INVALID (exit 4)');
  });
});

describe('the Markdown report', () => {
  const shown = renderMarkdown(demoInput());
  const cellsOf = (line: string): number => line.split(/(?<!\\)\|/).length;

  it('opens with the verdict and its reasons, worst first', () => {
    expect(shown.split('\n').slice(0, 7)).toEqual([
      '# FAIL: demo on sandbox',
      '',
      'An objective was missed, an abort limit was reached, or a flow was broken without a fault.',
      '',
      '- **FAIL** hive.plan recovered \\< 60s after partition-kafka: still degraded after 60 s',
      '- **INCONCLUSIVE** hive.plan p95 \\< 300ms in baseline: 294 ms, 95% interval 279 … 331 ms',
      '- **PASS** gateway.intentions p99 \\< 500ms in baseline: 71.4 ms',
    ]);
  });

  it('names the outcomes of a phase beside their share', () => {
    const input = demoInput();
    const stats = input.result.flows['hive.plan']?.['baseline'];
    if (stats === undefined) throw new Error('the fixture has a baseline');
    const flows = {
      'hive.plan': { baseline: { ...stats, due: 100, count: 95, failed: 0, outcomes: { 'grpc-14': 5 } } },
    };
    const text = renderMarkdown({ ...input, result: { ...input.result, flows } });
    expect(text).toMatch(/\| hive\.plan \| baseline \| 95 \| 5% \| grpc-14 5 \|/);
  });

  it('gives every row of a table as many cells as its head', () => {
    const tables = shown.split('\n\n').filter((part) => part.startsWith('|'));
    expect(tables).toHaveLength(5);
    for (const table of tables) {
      const counts = table.split('\n').map(cellsOf);
      expect(new Set(counts).size).toBe(1);
    }
  });

  it('keeps its tables whole when names hold pipes, tags and line breaks', () => {
    const input = demoInput();
    const faults = input.result.faults.map((fault) => ({ ...fault, victim: 'a|b\n<script>' }));
    const poisoned = renderMarkdown({ ...input, result: { ...input.result, faults } });
    expect(poisoned).toContain('| a\\|b \\<script\\> |');
    expect(poisoned).not.toContain('<script>');
  });

  it('renders a run without results', () => {
    const bare = renderMarkdown(emptyInput());
    expect(bare).toContain('# INVALID: demo on sandbox');
    expect(bare).toContain('0 of 0 objectives met · 0 of 0 faults proven injected and removed');
    expect(bare).toContain('| **all** | 0 | 0 | 0 | 0 | 0 | nothing counted |');
  });
});
