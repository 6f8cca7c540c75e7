/** The history page for those who use no mouse, no eyes, a dark room, a phone or paper. */
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { drawn, launch, NO_CHROMIUM, type Seen, watch } from './support-page/browser.ts';
import { CONTRASTS, type Contrast } from './support-page/contrast.ts';
import { madeSite, type Site } from './support-page/site.ts';

let site: Site;
let browser: Browser;
let page: Page;
let seen: Seen;

async function open(options: Parameters<Browser['newPage']>[0] = {}, hash = ''): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  seen = watch(page);
  await page.goto(`${pathToFileURL(`${site.folder}/index.html`).href}${hash}`);
  await drawn(page);
}
const focused = (of: string): Promise<string | null> => page.evaluate(`document.activeElement.${of}`);
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const pair = (trend: Site['year']): string => {
  const [a, b] = [trend.nights.at(-2), trend.nights.at(-4)];
  return `#${new URLSearchParams({ history: 'nightly/staging', night: b?.id ?? '', a: a?.id ?? '', b: b?.id ?? '', series: 'all' })}`;
};

interface AxNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly description?: { readonly value: string };
  readonly value?: { readonly value: unknown };
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value: unknown } }[];
}
async function accessibilityTree(): Promise<readonly AxNode[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as unknown as { nodes: AxNode[] };
  return nodes.filter((one) => !one.ignored);
}

describe.skipIf(NO_CHROMIUM !== '')(`the history page for everybody${NO_CHROMIUM}`, () => {
  beforeAll(async () => {
    site = madeSite();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    site?.remove();
  });
  afterEach(async () => {
    expect(seen.troubles).toEqual([]);
    await page.close();
  });

  it('is walked with the Tab key alone, in the order of the page and with a visible focus', async () => {
    // A glide would still be under way when the place of the focus is asked for.
    await open({ reducedMotion: 'reduce' });
    const stops: string[] = [];
    for (let step = 0; step < 60; step += 1) {
      await press('Tab');
      const stop = await page.evaluate(`(() => {
        const { activeElement: one } = document;
        if (one === document.body) return 'end';
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
        const box = one.getBoundingClientRect();
        const isInside = box.bottom > 0 && box.top < innerHeight && box.height > 0;
        return [one.tagName, one.getAttribute('role') || one.type || '', isSeen && isInside ? 'seen' : 'UNSEEN ' + one.outerHTML.slice(0, 90)].join(' ');
      })()`);
      if (stop === 'end') break;
      stops.push(String(stop));
    }
    expect(stops.filter((one) => one.includes('UNSEEN'))).toEqual([]);
    const kinds = stops.map((one) => one.replace(/ seen$/, ''));
    expect(kinds.slice(0, 4)).toEqual(['A ', 'A ', 'A ', 'A ']);
    expect(kinds.filter((one) => one === 'INPUT checkbox')).toHaveLength(10);
    expect(kinds.filter((one) => one === 'DIV slider')).toHaveLength(8);
    expect(kinds.filter((one) => one === 'INPUT radio')).toHaveLength(1);
    expect(kinds.lastIndexOf('INPUT checkbox')).toBeLessThan(kinds.indexOf('DIV slider'));
    expect(kinds.at(-1)).toBe('SUMMARY ');
  });

  it('leads past its links to the headline', async () => {
    await open();
    await press('Tab');
    expect(await focused('textContent')).toBe('Skip to the headline');
    await press('Enter');
    expect(await focused('id')).toBe('main');
  });

  it('moves by night in a chart with the arrow keys, and all charts follow', async () => {
    await open();
    const chart = page.getByRole('slider', { name: 'orders p50 in baseline', exact: true });
    await chart.focus();
    const at = async (): Promise<string | null> => chart.getAttribute('aria-valuenow');
    const steps = [
      ['ArrowLeft', '365'],
      ['ArrowLeft', '364'],
      ['ArrowRight', '365'],
      ['ArrowRight', '365'],
      ['PageDown', '355'],
      ['Home', '1'],
      ['ArrowLeft', '1'],
      ['PageUp', '11'],
      ['End', '365'],
    ] as const;
    for (const [key, now] of steps) {
      await press(key);
      expect(await at(), key).toBe(now);
    }
    const newest = site.year.nights.at(-1);
    const time = newest?.startedAt.slice(0, 16).replace('T', ' ');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(
      new RegExp(`^${time} UTC; PASS; [\\d.]+ ms \\(`),
    );
    expect(await page.locator('section.chosen .charts').first().locator('.c-cursor').count()).toBe(8);
    await press('Escape');
    expect(await page.locator('.c-cursor').count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Chosen nights' }).isVisible()).toBe(false);
  });

  it('says of a gap why, of a night that was not reached how long was watched, and where a segment begins', async () => {
    await open();
    const chart = page.getByRole('slider', { name: 'kill-pod: orders failed recovery', exact: true });
    const series = site.year.series[1]?.nights ?? [];
    const said = async (place: number): Promise<string | null> => {
      await chart.focus();
      await press('Home', ...Array.from({ length: Math.floor(place / 10) }, () => 'PageUp'));
      await press(...Array.from({ length: place % 10 }, () => 'ArrowRight'));
      return chart.getAttribute('aria-valuetext');
    };
    const gap = series.findIndex((one) => one.gap?.startsWith('the night is') === true);
    expect(await said(gap)).toMatch(/; (INVALID|RESIDUE|NO-DATA); no value: the night is \1$/);
    expect(await said(series.findIndex((one) => one.censored))).toMatch(/; not reached \(> 60\.0 s\)/);
    const begun = site.year.nights.findIndex((one) => one.id === site.year.segments[2]?.from);
    expect(await said(begun)).toMatch(/; segment S3 begins: cluster: blue → green/);
  });

  it('opens the report with Enter, chooses with Space, and says aloud what happened', async () => {
    await open();
    const status = page.getByRole('status');
    await page.getByRole('slider').first().focus();
    await press('ArrowLeft', ' ', 'ArrowLeft', ' ');
    expect(await status.textContent()).toBe(
      'Two nights are chosen. Their comparison is at the end of the page.',
    );
    await press('Enter');
    expect(await status.textContent()).toMatch(/^The report of the night of .* is not kept\.$/);
    await press('Escape');
    expect(await status.textContent()).toBe('Nothing is chosen.');
    await press('End', 'Enter');
    await page.waitForURL(/\/nights\/.*\/report\.html$/);
  });

  it('keeps the focus in the bar when a button there changes its word', async () => {
    await open();
    await page.getByRole('slider').first().focus();
    await press('ArrowLeft');
    await page.getByRole('button', { name: 'Compare', exact: true }).focus();
    await press('Enter');
    expect(await focused('tagName')).not.toBe('BODY');
    expect(await page.evaluate(`document.querySelector('.bar').contains(document.activeElement)`)).toBe(true);
  });

  it('has a tree for screen readers: one headline, a table of nights, charts with name, sentence and value', async () => {
    await open();
    const nodes = await accessibilityTree();
    const of = (role: string): AxNode[] => nodes.filter((one) => one.role?.value === role);
    const headings = of('heading').map((one) => [
      one.properties?.find(({ name }) => name === 'level')?.value.value,
      one.name?.value,
    ]);
    expect(headings.filter(([level]) => level === 1)).toEqual([[1, site.year.headline]]);
    expect(headings.filter(([level]) => level === 2).map(([, name]) => name)).toEqual(
      expect.arrayContaining(['Nights', 'Series']),
    );
    for (const role of ['main', 'navigation', 'banner']) expect(of(role).length, role).toBe(1);
    expect(of('table').map((one) => one.name?.value)).toContain('Nights, newest first');
    expect(of('columnheader').map((one) => one.name?.value)).toEqual([
      ...['Compare', 'Night', 'Verdict', 'First reason', 'Tested versions', 'Quarantine', 'Seed'],
    ]);
    expect(of('rowheader')).toHaveLength(10);
    const charts = of('slider');
    expect(charts).toHaveLength(8);
    charts.forEach((one, at) => {
      expect(one.name?.value).toBe(site.year.series[at]?.id);
      expect(one.description?.value).toBe(site.year.series[at]?.sentence);
      expect(String(one.value?.value)).toMatch(/^365$|UTC; PASS; /);
    });
    const named = [
      'link',
      'button',
      'checkbox',
      'radio',
      'slider',
      'region',
      'table',
      'heading',
      'navigation',
    ];
    expect(
      nodes.filter((one) => named.includes(one.role?.value ?? '') && (one.name?.value ?? '') === ''),
    ).toEqual([]);
    expect(of('image')).toEqual([]);
  });

  it('has the numbers of a chart as a table, every night of it', async () => {
    await open();
    await page.getByText('Numbers of 365 nights').first().click();
    const table = page.getByRole('table', { name: 'Numbers of orders p99 in baseline, newest night first' });
    expect(await table.getByRole('row').count()).toBe(366);
    const gap = site.year.series[0]?.nights.findLast((one) => one.value === null);
    expect(await table.textContent()).toContain(`no value: ${gap?.gap}`);
  });

  it.each(['light', 'dark'] as const)(
    'keeps texts at 4.5 : 1 and strokes at 3 : 1 in the %s scheme',
    async (colorScheme) => {
      await open({ colorScheme }, pair(site.year));
      const others = page.locator('section.chosen .others');
      await others.locator('figure').first().scrollIntoViewIfNeeded();
      await others.locator('.plot > svg').first().waitFor();
      const all = (await page.evaluate(CONTRASTS)) as readonly Contrast[];
      expect(all.length).toBeGreaterThan(1500);
      const grounds = new Set(all.map((one) => one.ground));
      expect(grounds.has(colorScheme === 'dark' ? 'rgb(15, 18, 22)' : 'rgb(255, 255, 255)')).toBe(true);
      const weak = all.filter((one) => one.value < one.least);
      expect(weak.slice(0, 5)).toEqual([]);
    },
  );

  it('draws in new colours when the reader changes the scheme', async () => {
    await open({ colorScheme: 'light' });
    const stroke = (): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('section.chosen .c-line')).stroke`);
    const before = await stroke();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await stroke()).not.toBe(before);
  });

  it.each([400, 320])('fits %i px without scrolling the page to the side', async (width) => {
    await open({ viewport: { width, height: 800 } }, pair(site.year));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const charts = await page.locator('section.chosen .charts').first().locator('.plot').all();
    for (const chart of charts) expect((await chart.boundingBox())?.width).toBeLessThanOrEqual(width - 32);
  });

  it('prints on light paper: charts whole, controls left out, and says which series are folded', async () => {
    await open({ colorScheme: 'dark', viewport: { width: 794, height: 1123 } });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(
      await page
        .getByText('On paper the other series are left out unless they are opened first.')
        .locator('visible=true')
        .count(),
    ).toBe(1);
    expect(await page.getByText(/^32 other series: /).isVisible()).toBe(true);
    for (const gone of ['.chooser', '.range', '.keys', '.all-nights', '.choose'])
      expect(await page.locator(`section.chosen ${gone}:visible, header ${gone}:visible`).count(), gone).toBe(
        0,
      );
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(794);
    const widths = await page.evaluate(
      `[...document.querySelectorAll('section.chosen .plot > svg')].map((one) => one.getBoundingClientRect().right)`,
    );
    expect(Math.max(...(widths as number[]))).toBeLessThanOrEqual(794);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
  });

  it('moves nothing by itself, and scrolls without a glide where less motion is wanted', async () => {
    await open({ reducedMotion: 'reduce' });
    expect(await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior')).toBe('auto');
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });
});
