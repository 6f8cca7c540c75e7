import { describe, expect, it } from 'vitest';
import type { Trend } from '../../../src/core/trend.ts';
import { trendData } from '../../../src/report/history-page/data.ts';
import { shortVersion } from '../../../src/report/history-page/nights.ts';
import { renderHistoryPage } from '../../../src/report/history-page/page.ts';
import { stateCounts } from '../../../src/report/history-page/series.ts';
import { PAGE_STYLE } from '../../../src/report/history-page/style.ts';
import { keyOf, type NightReport, type PageTrend } from '../../../src/report/history-page/view.ts';
import { madeTrend } from '../../support/made-trend.ts';

const FILES = { style: 'page-0.css', script: 'page-1.js', data: ['data-1.js', 'data-2.js'] };
const asPage = (trend: Trend, reports: readonly (readonly [number, NightReport])[] = []): PageTrend => ({
  trend,
  reports: new Map(reports.map(([at, report]) => [trend.nights[at]?.id ?? '', report])),
});
const textOf = (markup: string): string =>
  markup
    .replace(/<wbr>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ');
const rowsOf = (markup: string): string[] => markup.match(/<tr data-night=[\s\S]*?<\/tr>/g) ?? [];

const year = madeTrend({ seed: 1, count: 365, series: 40 });
const page = renderHistoryPage([asPage(year)], FILES);
const text = textOf(page);

const VOID = new Set(['meta', 'link', 'input', 'br', 'wbr', 'hr']);
function unbalanced(markup: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, end, name = '', closed] of markup
    .replace(/<!doctype[^>]*>/i, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (VOID.has(name) || closed === '/') continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the history page', () => {
  it('has nothing inline, and lets the browser load from its own folder alone', () => {
    expect(page).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;self&#39;; script-src &#39;self&#39;; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
    expect(page).not.toMatch(/<style|<script(?! src="page-1\.js"><\/script>)| style="| on\w+="/);
    expect(page.match(/(?:src|href)="(?!#|https:|data:,|page-|data-)[^"]*"/g)).toBeNull();
    expect(PAGE_STYLE).not.toMatch(/@import|url\(/);
  });

  it('closes every tag it opens, and has no id twice', () => {
    const many = renderHistoryPage(
      [asPage(year), asPage(madeTrend({ seed: 2, count: 3, series: 12 }))],
      FILES,
    );
    for (const one of [page, many, renderHistoryPage([], FILES)]) expect(unbalanced(one)).toEqual([]);
    const ids = [...many.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const named = [...many.matchAll(/(?:aria-labelledby|href)="#?(history-[^"]+)"/g)].map(
      (match) => match[1],
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((one) => !ids.includes(one))).toEqual([]);
  });

  it('opens with the headline of the trend, then what is new, worst first', () => {
    expect(page).toContain(`<h1 id="history-1-title">${year.headline}</h1>`);
    expect(page.indexOf('<h1')).toBeLessThan(page.indexOf('<h2'));
    expect(text).toContain('FAIL A worsening is confirmed and new, or the pinned reference is exceeded.');
    const list = /<ul class="reasons">([\s\S]*?)<\/ul>/.exec(page)?.[1] ?? '';
    expect(textOf(list)).toMatch(/^ confirmed, worse orders p99 in baseline rose by 22 % /);
    expect(page).toContain('<title>FAIL: nightly – Gauntlet history</title>');
  });

  it('says of a young history that it has no answer, and that this is no pass', () => {
    const young = textOf(renderHistoryPage([asPage(madeTrend({ seed: 3, count: 5, series: 3 }))], FILES));
    expect(young).toContain(
      'insufficient history There are too few comparable nights for an answer. This is no pass.',
    );
    expect(young).not.toContain('PASS No new worsening');
  });

  it('has a row a night, the newest first, each with its verdict as a word', () => {
    const rows = rowsOf(page);
    expect(rows).toHaveLength(365);
    expect(rows[0]).toContain('data-night="364"');
    rows.forEach((row, at) => {
      expect(row).toMatch(new RegExp(`<span class="badge \\w+">${year.nights[364 - at]?.status}</span>`));
    });
  });

  it('shows date, seed, the reason that decided, versions and quarantine of a night', () => {
    const at = year.nights.findLastIndex((one) => one.status === 'FAIL');
    const night = year.nights[at];
    const row = textOf(rowsOf(page)[364 - at] ?? '');
    expect(row).toContain(`${night?.startedAt.slice(0, 16).replace('T', ' ')} UTC`);
    expect(row).toContain(String(night?.seed));
    expect(row).toContain('orders p99 < 800ms in baseline: 912 ms (885 ms … 941 ms) and 1 more reason');
    expect(row).toContain(`worker ${night?.subject['worker']?.slice(0, 12)} `);
    expect(textOf(rowsOf(page)[0] ?? '')).toMatch(/ 1 \d+ $/);
  });

  it('says what the run alone would have been where quarantine changed it', () => {
    const at = year.nights.findLastIndex((one) => one.runStatus !== one.status);
    expect(at).toBeGreaterThan(0);
    expect(textOf(rowsOf(page)[364 - at] ?? '')).toContain('PASS the run alone: FAIL');
  });

  it('links to the report of a night, or says where it is, or that it is not kept', () => {
    const small = madeTrend({ seed: 4, count: 4, series: 2 });
    const shown = renderHistoryPage(
      [
        asPage(small, [
          [3, { kind: 'copied', href: 'nights/r/report.html' }],
          [2, { kind: 'linked', href: 'https://ci.example/r' }],
          [1, { kind: 'told', text: '/srv/r' }],
        ]),
      ],
      FILES,
    );
    const rows = rowsOf(shown);
    expect(rows[0]).toContain('<a href="nights/r/report.html">');
    expect(textOf(rows[0] ?? '')).not.toContain('report');
    expect(rows[1]).toContain('<a href="https://ci.example/r">');
    expect(textOf(rows[1] ?? '')).toContain('report kept elsewhere');
    expect(textOf(rows[2] ?? '')).toContain('report recorded as /srv/r');
    expect(rows[3]).not.toContain('<a ');
    expect(textOf(rows[3] ?? '')).toContain('report not kept');
  });

  it('parts the nights where a segment begins, with its reason', () => {
    const begins = page.match(/<tr class="begin">[\s\S]*?<\/tr>/g) ?? [];
    expect(begins.map(textOf)).toEqual([
      ' ▲ segment S3 begins: cluster: blue → green ',
      ' ▲ segment S2 begins: campaign ',
    ]);
    expect(text).toContain('In the present segment 139 of 3 segments');
  });

  it('names who owns what is in quarantine, why and until when', () => {
    expect(text).toContain(
      'partition-kafka: orders slow , since 2026-11-12 until 2026-12-10, owner ana@example.org: rebalance takes 20 s or 50 s',
    );
  });

  it('shows the headline series and folds the others, with their states in words', () => {
    expect(page.match(/<figure class="series"/g)).toHaveLength(40);
    const folded = page.slice(page.indexOf('<details class="others">'));
    expect(folded.match(/<figure class="series"/g)).toHaveLength(32);
    expect(text).toContain(`32 other series: ${stateCounts(year.series.slice(8))}`);
    expect(stateCounts(year.series.slice(0, 8))).toBe(
      '1 confirmed, worse; 1 suspected, worse; 1 insufficient history; 5 steady',
    );
  });

  it('gives each chart a name, its sentence and its changes in words, so that no picture is needed', () => {
    const figure = /<figure class="series" data-series="0">[\s\S]*?<\/figure>/.exec(page)?.[0] ?? '';
    expect(textOf(figure)).toContain(
      'orders p99 in baseline confirmed, worse against the pin: FAIL response time; lower is better',
    );
    expect(figure).toContain(`<p class="sentence" id="history-1-s0-said">${year.series[0]?.sentence}</p>`);
    expect(textOf(figure)).toContain('2026-11-17: confirmed, +22 %, worse, new');
  });

  it('has a link for each of several histories, with its answer, and none for a single one', () => {
    const both = renderHistoryPage(
      [asPage(year), asPage(madeTrend({ seed: 5, count: 20, series: 3, campaign: 'soak' }))],
      FILES,
    );
    const links = [...both.matchAll(/<a href="#(history-\d)" data-key="([^"]+)">([\s\S]*?)<\/a>/g)];
    expect(links.map(([, id, key, words = '']) => [id, key, textOf(words)])).toEqual([
      ['history-1', 'nightly/staging', 'nightly staging FAIL '],
      ['history-2', 'soak/staging', 'soak staging FAIL '],
    ]);
    expect(both).toContain('<title>2 histories – Gauntlet history</title>');
    expect(page).not.toContain('class="chooser"');
  });

  it('lets no foreign text become markup', () => {
    const bad = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
    const foreign = madeTrend({
      seed: 6,
      count: 30,
      series: 11,
      campaign: bad,
      target: bad,
      text: (one) => one + bad,
    });
    const shown = renderHistoryPage([asPage(foreign), asPage(year)], FILES);
    expect(shown).not.toMatch(/<img|<script>|<\/script>(?!\n<\/head>)/);
    expect(unbalanced(shown)).toEqual([]);
    expect(trendData(asPage(foreign))).not.toMatch(/[<>]/);
  });

  it('shortens digests and commits in versions, and nothing else', () => {
    expect(shortVersion(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
    expect(shortVersion('0123456789abcdef0123456789abcdef01234567')).toBe('0123456789ab');
    expect(shortVersion('registry/app:1.2.3-rc1')).toBe('registry/app:1.2.3-rc1');
  });
});

describe('the numbers of the history page', () => {
  const read = (script: string): Record<string, never> =>
    JSON.parse(/^gauntletHistory\((.*)\);\n$/s.exec(script)?.[1] ?? 'null') as Record<string, never>;

  it('hold each series by place of the night, gaps with their reason and censored nights by name', () => {
    const data = read(trendData(asPage(year))) as unknown as {
      readonly key: string;
      readonly gaps: readonly string[];
      readonly series: readonly {
        readonly value: readonly (number | null)[];
        readonly censored: readonly number[];
        readonly gaps: Record<string, number>;
      }[];
    };
    expect(data.key).toBe(keyOf(year));
    year.series.forEach((series, index) => {
      const made = data.series[index];
      expect(made?.value).toHaveLength(365);
      series.nights.forEach((one, at) => {
        if (one.value === null) expect(data.gaps[made?.gaps[at] ?? -1]).toBe(one.gap);
        else expect(made?.value[at]).toBeCloseTo(one.value, one.value > 100 ? -1 : 2);
        expect(made?.censored.includes(at)).toBe(one.censored);
      });
    });
  });

  it('put a night that a series leaves out as a gap at its own place', () => {
    const [first] = year.series;
    if (first === undefined) throw new Error('the fixture has series');
    const shorter = { ...first, nights: first.nights.filter((_, at) => at !== 100) };
    const data = read(trendData(asPage({ ...year, series: [shorter] }))) as unknown as {
      readonly gaps: readonly string[];
      readonly series: readonly {
        readonly value: readonly (number | null)[];
        readonly gaps: Record<string, number>;
      }[];
    };
    expect(data.series[0]?.value[100]).toBeNull();
    expect(data.gaps[data.series[0]?.gaps[100] ?? -1]).toBe('nothing recorded');
    expect(data.series[0]?.value[101]).not.toBeNull();
  });

  it('of 365 nights and 40 series stay below 2 MB with the page', () => {
    expect(Buffer.byteLength(page) + Buffer.byteLength(trendData(asPage(year)))).toBeLessThan(1_000_000);
  });
});
