import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../src/core/verdict.ts';
import { CHART_SCRIPT } from '../../../src/report/html/chart-script.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import { DARK, LIGHT } from '../../../src/report/html/style.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { assetPaths } from '../../../src/run/verdict/write-reports.ts';
import { demoInput, emptyInput, event, inputWithSteps } from './fixture.ts';

const paths = assetPaths();
const assets = {
  uplotJs: readFileSync(paths.uplotJs, 'utf8'),
  uplotCss: readFileSync(paths.uplotCss, 'utf8'),
};
const page = renderHtml(demoInput(), assets);
const empty = renderHtml(emptyInput(), assets);

/** The page as a reader sees it: without scripts, styles and tags. */
const textOf = (markup: string): string =>
  markup
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ');
const text = textOf(page);

const VOID = new Set(['meta', 'link', 'input', 'br', 'wbr', 'hr']);

/** Tags that are not closed in the order in which they were opened. */
function unbalanced(markup: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const body = markup.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '').replace(/<!doctype[^>]*>/i, '');
  for (const [, end, name = ''] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (VOID.has(name)) continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the HTML report', () => {
  it('loads nothing from anywhere, and forbids the browser to', () => {
    expect(page).not.toMatch(/(?:src|href|action|srcset|poster)\s*=\s*["']?\s*(?:https?:)?\/\//i);
    expect(page).not.toMatch(/@import|url\(\s*["']?(?!data:)|\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket/);
    expect(page).toContain(`http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;`);
  });

  it('closes every tag it opens', () => {
    expect(unbalanced(page)).toEqual([]);
    expect(unbalanced(empty)).toEqual([]);
  });

  it('has no id twice, and every link of the page leads to one', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/ href="#([^"]+)"/g)].map((match) => match[1]);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
    expect(links.length).toBeGreaterThan(5);
  });

  it('opens with the verdict, its reasons worst first and the exit code', () => {
    expect(page).toContain('<h1 id="verdict-title">FAIL</h1>');
    expect(text).toContain(
      'An objective was missed, an abort limit was reached, or a flow was broken without a fault. Exit code 1.',
    );
    const reasons = [...page.matchAll(/<li><span class="badge \w+">([A-Z-]+)<\/span>/g)].map((m) => m[1]);
    expect(reasons).toEqual(['FAIL', 'INCONCLUSIVE', 'PASS']);
    expect(page).toContain('<title>FAIL: demo on sandbox – Gauntlet</title>');
  });

  it('sums the run up in four figures', () => {
    expect(text).toContain('Objectives met 2 of 5');
    expect(text).toContain('Faults proven 3 of 3 seen in place and seen gone');
    expect(text).toContain('Slowest recovery > 60 s hive.plan failed after partition-kafka');
    expect(text).toContain('Arrivals 25,280 1.03% dropped, ledger balanced');
  });

  it('shows recoveries with their bounds, censored ones as at least', () => {
    expect(page).toContain('<strong>5.2 s (−0.1 s)</strong>');
    expect(page).toContain('<strong>&gt; 60 s</strong>');
    expect(page).toContain('recovered, 1 flap</span>');
    expect(text).toContain('Never degraded (2 of 8): specialist.business failed, specialist.business slow');
  });

  it('draws the pod timeline from parts that fill the whole', () => {
    const stack = /<div class="stack"[^>]*>(.*?)<\/div>/s.exec(page)?.[1] ?? '';
    const widths = [...stack.matchAll(/width:([\d.]+)%/g)].map((match) => Number(match[1]));
    expect(widths).toHaveLength(6);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100, 1);
    expect(text).toContain('Pod timeline 5.14 s');
  });

  it('has a percentile row for every flow and phase, on all three clocks', () => {
    const section = /<section id="percentiles"[\s\S]*?<\/section>/.exec(page)?.[0] ?? '';
    expect(section.match(/<th scope="rowgroup"/g)).toHaveLength(6);
    expect(section.match(/<th scope="row">/g)).toHaveLength(48);
    for (const clock of ['response', 'service', 'lateness']) {
      expect(section.match(new RegExp(`<td class="num c-${clock}`, 'g'))).toHaveLength(48 * 6);
    }
  });

  it('has a row for each step of an iteration below its phase, on the service clock only', () => {
    const shown = renderHtml(inputWithSteps(), assets);
    const rows = shown.match(/<tr[^>]*>\s*<th scope="row">[^<]*›[\s\S]*?<\/tr>/g) ?? [];
    expect(rows).toHaveLength(1);
    expect(textOf(rows[0] ?? '')).toContain('baseline › post 4,321');
    expect(rows[0]?.match(/c-service[^>]*>[^<]+</g)).toHaveLength(6);
    expect(rows[0]).toContain('77.3');
    expect(rows[0]?.match(/c-(response|lateness|connect)[^>]*><\/td>/g)).toHaveLength(18);
  });

  it('says what a receipt missed, in words', () => {
    const input = demoInput();
    const [first, ...rest] = input.result.faults;
    if (first === undefined) throw new Error('the fixture has faults');
    const faults = [{ ...first, status: 'residue' as const, removal: null, removedAt: null }, ...rest];
    const shown = textOf(renderHtml({ ...input, result: { ...input.result, faults } }, assets));
    expect(shown).toContain('kill-pod residue: not proven removed');
    expect(shown).toContain('Gone no receipt');
    expect(shown).toContain('Faults proven 2 of 3');
  });

  it('says of a fault in which group it was, and why it does not count when the group was not whole', () => {
    const input = demoInput();
    const group = { name: 'kill-pod+b', how: 'together', spoiled: 'b: not injected (no effect)' } as const;
    const shownWith = (spoiled: string | null): string => {
      const faults = input.result.faults.map((fault, index) =>
        index === 0 ? { ...fault, group: { ...group, spoiled } } : fault,
      );
      return textOf(renderHtml({ ...input, result: { ...input.result, faults } }, assets));
    };
    expect(shownWith(null)).toContain('Group kill-pod+b, in place at the same time');
    expect(shownWith(null)).toContain('Faults proven 3 of 3');
    const spoiled = shownWith(group.spoiled);
    expect(spoiled).toContain('kill-pod its group counts as not injected');
    expect(spoiled).toContain(
      'in place at the same time; not injected as a whole: b: not injected (no effect)',
    );
    expect(spoiled).toContain('Faults proven 2 of 3');
  });

  it('does not count a fault as proven that was never seen gone', () => {
    const input = demoInput();
    const faults = input.result.faults.map((fault) => ({ ...fault, removedAt: null }));
    const shown = textOf(renderHtml({ ...input, result: { ...input.result, faults } }, assets));
    expect(shown).toContain('Faults proven 0 of 3');
    expect(shown).not.toContain('injected and removed');
  });

  it('carries the chart numbers as JSON that its own script can read', () => {
    const json = /<script type="application\/json" id="chart-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    expect(JSON.parse(json)).toMatchObject({
      step: 1,
      flows: [{ name: 'gateway.intentions' }, {}, {}, {}, {}, {}],
    });
    expect(() => new Script(CHART_SCRIPT)).not.toThrow();
  });

  it('names every element that the chart script asks for', () => {
    const asked = [...CHART_SCRIPT.matchAll(/getElementById\('([^']+)'\)/g)].map((match) => match[1]);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
  });
});

describe('the HTML report of a hostile target', () => {
  const evil = '<script>alert(1)</script>"\'--><img src=x onerror=alert(2)>';

  function poisoned(): ReportInput {
    const swap = (value: unknown): unknown => {
      if (typeof value === 'string') return value === 'gateway.intentions' ? evil : value;
      if (Array.isArray(value)) return value.map(swap);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [swap(key), swap(one)]));
    };
    const input = swap(demoInput()) as ReportInput;
    const faults = input.result.faults.map((fault) => ({
      ...fault,
      name: evil,
      victim: evil,
      timers: [evil],
    }));
    return { ...input, result: { ...input.result, faults } };
  }

  it('shows its names as text, in every place', () => {
    const shown = renderHtml(poisoned(), assets);
    expect(shown).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(shown).not.toContain('<script>alert');
    expect(shown).not.toContain('<img');
    expect(shown.match(/<script/g)).toHaveLength(page.match(/<script/g)?.length ?? 0);
    expect(unbalanced(shown)).toEqual([]);
  });

  it('does not let a library end its own element', () => {
    const shown = renderHtml(demoInput(), { uplotJs: 'var x = "</script><b>";', uplotCss: '/* </style> */' });
    expect(shown).toContain('var x = "<\\/script><b>";');
    expect(shown).toContain('/* <\\/style> */');
  });
});

describe('the HTML report of a run without results', () => {
  it('says what is missing and is green nowhere', () => {
    const shown = textOf(empty);
    expect(shown).toContain('INTERRUPTED by SIGINT: stopping and undoing');
    for (const words of [
      'No objective was set: nothing could pass.',
      'No second was measured.',
      'No fault was planned.',
      'No arrival was measured.',
      'nothing counted',
      'Slowest recovery – no fault was injected',
      'Arrivals 0 nothing was measured',
    ]) {
      expect(shown).toContain(words);
    }
    const body = empty.slice(empty.indexOf('<body>'), empty.indexOf('<script type='));
    expect(body).not.toMatch(/class="[^"]*\b(?:t-)?good\b/);
  });

  it('counts planned faults that were never reached as not proven', () => {
    const planned = { ...emptyInput(), plan: demoInput().plan };
    const shown = textOf(renderHtml(planned, assets));
    expect(shown).toContain('Faults proven 0 of 3');
    expect(shown).toContain('No fault was injected, 3 were planned.');
  });

  it('opens only the deciding reasons when there are many, and loses none', () => {
    const input = emptyInput();
    const reasons = Array.from({ length: 9 }, (_, index) => ({
      status: index < 2 ? ('INVALID' as const) : ('NO-DATA' as const),
      text: `reason ${index}`,
    }));
    const shown = renderHtml({ ...input, result: { ...input.result, verdict: verdictOf(reasons) } }, assets);
    const [open = '', folded = ''] = shown.split('<summary>7 more findings behind INVALID</summary>');
    expect(open.match(/<span>reason \d/g)).toEqual(['<span>reason 0', '<span>reason 1']);
    expect(folded.match(/<span>reason \d/g)).toHaveLength(7);
  });

  it('tells what broke into the run when no reason does', () => {
    const input = demoInput();
    const events = [...input.events, event(50, { kind: 'clock-step', byMs: 1500 })];
    const remarks = (shown: string): string => /<ul class="remarks">.*?<\/ul>/s.exec(shown)?.[0] ?? '';
    expect(remarks(renderHtml({ ...input, events }, assets))).toContain('the wall clock stepped by 1.5 s');
    // The fixture's reason names the signal already.
    expect(remarks(empty)).toBe('');
  });

  it('shows the most frequent outcome beside the share, all of them at hand, as text', () => {
    const input = demoInput();
    const [flow = '', phases = {}] = Object.entries(input.result.flows)[0] ?? [];
    const [name = '', stats] = Object.entries(phases)[0] ?? [];
    if (stats === undefined) throw new Error('the fixture has phases');
    const bad = { ...stats, due: 10, count: 8, failed: 1, outcomes: { '<b>': 2, 'http-500': 1 } };
    const shown = renderHtml(
      { ...input, result: { ...input.result, flows: { [flow]: { [name]: bad } } } },
      assets,
    );
    expect(shown).toContain('30%<small title="&lt;b&gt; 2, http-500 1">&lt;b&gt; 2 and 1 other</small>');
  });

  it('shows numbers without samples as dashes', () => {
    const input = demoInput();
    const stats = input.result.flows['hive.plan']?.['baseline'];
    if (stats === undefined) throw new Error('the fixture has a baseline');
    const none = { p50: null, p90: null, p95: null, p99: null, p999: null, max: null };
    const silent = { ...stats, count: 0, failed: 0, responseMs: none, serviceMs: none, latenessMs: none };
    const flows = { 'hive.plan': { baseline: silent } };
    const shown = renderHtml({ ...input, result: { ...input.result, flows } }, assets);
    expect(shown.match(/<td class="num c-\w+( key)?">–<\/td>/g)).toHaveLength(24);
  });
});

/** WCAG 2.2 relative luminance of `#rrggbb`. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (a: string, b: string): number => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s scheme', (_name, colors) => {
  const of = (name: string): string => colors[name] ?? '#000000';
  it.each([
    ...['text', 'soft', 'accent', 'good', 'warn', 'bad'].flatMap((ink) => [
      [ink, 'page'],
      [ink, 'surface'],
    ]),
    ...['good', 'warn', 'bad', 'soft'].map((tone) => [tone, `${tone}-bg`]),
  ] as [string, string][])('keeps %s readable on %s (4.5 : 1)', (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5);
  });
});
