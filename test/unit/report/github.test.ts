import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Reason, verdictOf } from '../../../src/core/verdict.ts';
import { escapeCommand, escapeCommandProperty } from '../../../src/report/escape.ts';
import {
  githubAnnotations,
  githubComment,
  githubSummary,
  SUMMARY_BYTES,
} from '../../../src/report/github.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { demoInput, emptyInput, historyInput } from './fixture.ts';
import { gateInput, withRecovery } from './gate-fixture.ts';

/** As the runner of GitHub Actions reads a line: the command, its properties and its text. */
function read(line: string): { level: string; title: string; text: string } | null {
  const match = /^::(error|warning|notice) title=([^:,]*)::(.*)$/.exec(line);
  if (!match) return null;
  const [, level = '', title = '', text = ''] = match;
  const back = (escaped: string): string =>
    escaped.replace(/%(25|0D|0A|3A|2C)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { level, title: back(title), text: back(text) };
}

const RUN = demoInput();
const withReasons = (reasons: readonly Reason[]): ReportInput => ({
  ...RUN,
  result: { ...RUN.result, verdict: verdictOf(reasons) },
});

describe('annotations of GitHub Actions', () => {
  it('begin with the answer of a gate and name what decided', () => {
    const lines = githubAnnotations(gateInput({ slower: 1.3 }))
      .split('\n')
      .map(read);
    expect(lines[0]).toMatchObject({ level: 'error', title: 'pre-release on blue and green' });
    expect(lines[0]?.text).toMatch(/^FAIL: P50 ratio 1\.3\d \(1\.\d\d–1\.\d\d\); P95 ratio /);
    expect(lines[1]?.title).toBe('gateway.intentions P50: FAIL');
    expect(lines).toHaveLength(4);
  });

  it('is one notice for a gate that passed', () => {
    expect(githubAnnotations(gateInput())).toBe(
      '::notice title=pre-release on blue and green::PASS: no metric is worse by 10 %25 or more after 24 pairs (P99 ratio 0.97 (0.88–1.04))',
    );
  });

  it('warns of an INCONCLUSIVE gate, with what would decide it', () => {
    const [first] = githubAnnotations(gateInput({ slower: 1.04, blockSd: 0.25 }))
      .split('\n')
      .map(read);
    expect(first?.level).toBe('warning');
    expect(first?.text).toMatch(
      /^INCONCLUSIVE: P\d\d ratio \d\.\d\d \(\d\.\d\d–\d\.\d\d\) after 32 pairs; \d+ more, \d+ min, for \+10 %; this one could have found \+\d+ %$/,
    );
  });

  it('names the reasons of an ordinary run, worst first', () => {
    const lines = githubAnnotations(demoInput()).split('\n').map(read);
    expect(lines.map((one) => `${one?.level} ${one?.title}`)).toEqual([
      'error demo on sandbox',
      'error FAIL',
      'warning INCONCLUSIVE',
    ]);
    expect(lines[0]?.text).toBe(
      'FAIL: hive.plan recovered < 60s after partition-kafka: still degraded after 60 s (and 1 more)',
    );
    expect(githubAnnotations(emptyInput())).toBe(
      '::error title=demo on sandbox::INVALID: interrupted by SIGINT',
    );
  });

  it('name a recovery that is slower', () => {
    expect(githubAnnotations(withRecovery(gateInput()))).toContain(
      '\n::error title=gateway.intentions recovered after kill-pod%3A FAIL::1.400 (1.200 to 1.700)',
    );
  });

  it('name the metrics of a candidate against earlier runs that did not pass', () => {
    expect(githubAnnotations(historyInput())).toBe(
      [
        '::error title=demo on sandbox::FAIL: P99 ratio 1.31 (1.12–1.53) against 12 earlier runs',
        '::error title=gateway.intentions P99%3A FAIL::1.310 (1.120 to 1.530)',
      ].join('\n'),
    );
  });

  it('are at most ten, and say how many are left out', () => {
    const reasons = Array.from({ length: 40 }, (_, at): Reason => ({ status: 'FAIL', text: `flow ${at}` }));
    const lines = githubAnnotations(withReasons(reasons)).split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[9]).toBe('::notice title=demo::32 more findings are in the summary');
  });

  it('stay one line a finding and come back whole, whatever a target said', () => {
    expect(escapeCommand('50 %\r\n::error::x')).toBe('50 %25%0D%0A::error::x');
    expect(escapeCommandProperty('a:b,c%\n')).toBe('a%3Ab%2Cc%25%0A');
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('a\n::error::b', '%0A', 'x:y,z', '\r\n'),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 14 }), (texts) => {
        const input = withReasons(texts.map((text) => ({ status: 'FAIL', text })));
        const lines = githubAnnotations(input).split('\n');
        expect(lines.length).toBeLessThanOrEqual(10);
        for (const line of lines) expect(read(line)).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe('a comment on a pull request', () => {
  const named = (campaign: string, target: string): ReportInput => ({
    ...RUN,
    result: { ...RUN.result, run: { ...RUN.result.run, campaign, target } },
  });
  const markOf = (input: ReportInput): string => githubComment(input).split('\n')[0] ?? '';

  it('begins with a hidden mark of its campaign and target, then the answer', () => {
    expect(githubComment(RUN)).toMatch(/^<!-- gauntlet:demo:sandbox -->\n# FAIL: demo on sandbox\n/);
    expect(markOf(gateInput())).toBe('<!-- gauntlet:pre-release:blue and green -->');
  });

  it('has a mark that no name ends, and that two names never share', () => {
    const name = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom('a--b', 'a-->b', 'a:b', '"\\', 'a\nb', '-', '--'),
    );
    fc.assert(
      fc.property(name, name, (campaign, target) => {
        const mark = markOf(named(campaign, target));
        expect(mark).toMatch(/^<!-- gauntlet:[A-Za-z0-9%._ -]+:[A-Za-z0-9%._ -]+ -->$/);
        expect(mark.slice(4, -3)).not.toMatch(/--/);
        if (campaign !== target) expect(mark).not.toBe(markOf(named(target, campaign)));
      }),
    );
  });

  it('fits 65,536 characters', () => {
    const reasons = Array.from(
      { length: 2000 },
      (_, at): Reason => ({
        status: 'FAIL',
        text: `flow ${at} ${'x'.repeat(100)}`,
      }),
    );
    expect(githubComment(withReasons(reasons)).length).toBeLessThanOrEqual(65_536);
  });
});

describe('the summary of GitHub Actions', () => {
  /** As many flows as asked for, each in every phase. */
  const crowd = (flows: number): ReportInput => {
    const input = RUN;
    const stats = input.result.flows['gateway.intentions'] ?? {};
    const names = Array.from({ length: flows }, (_, at) => `service-${at}.a-flow-with-a-name-of-some-length`);
    const [ledger] = Object.values(input.result.ledgers);
    if (ledger === undefined) throw new Error('the fixture has ledgers');
    return {
      ...input,
      result: {
        ...input.result,
        flows: Object.fromEntries(names.map((name) => [name, stats])),
        ledgers: Object.fromEntries(names.map((name) => [name, ledger])),
      },
    };
  };

  it('begins with the answer of a candidate against earlier runs, as the comment does', () => {
    const answer = '### FAIL: P99 ratio 1.31 (1.12–1.53) against 12 earlier runs\n';
    expect(githubSummary(historyInput()).startsWith(answer)).toBe(true);
    expect(renderMarkdown(historyInput()).startsWith(answer)).toBe(true);
  });

  it('is whole where it fits', () => {
    expect(githubSummary(demoInput())).toContain('## Environment');
    expect(githubSummary(demoInput())).not.toContain('more lines');
  });

  it('fits 1 MiB with 500 flows, and keeps what matters most', () => {
    const said = githubSummary(crowd(700));
    expect(new TextEncoder().encode(said).length).toBeLessThanOrEqual(SUMMARY_BYTES);
    expect(said).toMatch(/^# FAIL: demo on sandbox\n/);
    expect(said).toMatch(/_\d+ more lines are in the run's own report\._/);
    expect(said).toContain('## Objectives');
    expect(said).toContain('## Environment');
    expect(new TextEncoder().encode(githubSummary(crowd(500))).length).toBeLessThanOrEqual(SUMMARY_BYTES);
  });

  it('leaves room for what the step has written before', () => {
    expect(new TextEncoder().encode(githubSummary(demoInput(), 20_000)).length).toBeLessThanOrEqual(20_000);
    expect(new TextEncoder().encode(githubSummary(crowd(500), 20_000)).length).toBeLessThanOrEqual(20_000);
  });
});
