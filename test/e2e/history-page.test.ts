/** The history page in a real Chromium: from disk and from a web server, its links and its comparison. */
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drawn, launch, NO_CHROMIUM, type Seen, serve, until, watch } from './support-page/browser.ts';
import { HOSTILE, madeSite, type Site } from './support-page/site.ts';

let site: Site;
let browser: Browser;
let page: Page;
let seen: Seen;
const disk = (hash = ''): string => `${pathToFileURL(`${site.folder}/index.html`).href}${hash}`;
const open = async (url: string): Promise<void> => {
  await page.goto(url);
  await drawn(page);
};
const rows = () => page.locator('section.chosen tr[data-night]:visible');

describe.skipIf(NO_CHROMIUM !== '')(`the history page in Chromium${NO_CHROMIUM}`, () => {
  beforeAll(async () => {
    site = madeSite();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    site?.remove();
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    seen = watch(page);
  });
  afterEach(async () => {
    expect(seen.troubles).toEqual([]);
    await page.close();
  });

  it('opens from disk: nights and headline charts, and asks for nothing outside of its folder', async () => {
    await open(disk());
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(site.year.headline);
    expect(await rows().count()).toBe(10);
    expect(await page.locator('section.chosen .charts').first().locator('.plot > svg').count()).toBe(8);
    expect(seen.requests).toHaveLength(4);
    for (const url of seen.requests) expect(url.startsWith(pathToFileURL(site.folder).href)).toBe(true);
  });

  it('opens from a web server below a path, with its report beside it', async () => {
    const server = await serve(site.folder);
    try {
      await open(server.url);
      expect(seen.requests.filter((url) => !url.startsWith(server.url))).toEqual([]);
      await rows().first().getByRole('link').click();
      await page.waitForURL(/\/nights\/[^/]+\/report\.html$/);
      expect(await page.title()).toBe('FAIL: demo on sandbox – Gauntlet');
      await page.goBack();
      await drawn(page);
      expect(await rows().count()).toBe(10);
    } finally {
      await server.close();
    }
  });

  it('is an answer where a server forbids scripts, as Jenkins does', async () => {
    const server = await serve(site.folder, {
      'content-security-policy': "default-src 'none'; img-src 'self'; style-src 'self';",
    });
    try {
      await page.goto(server.url);
      expect(await page.locator('#history-1-title').isVisible()).toBe(true);
      expect(await page.getByText('did not run').isVisible()).toBe(true);
      expect(await page.locator('#history-1 tr[data-night]:visible').count()).toBe(365);
      expect(await page.getByRole('checkbox').count()).toBe(0);
      expect(await page.getByText('Show all').count()).toBe(0);
      // The refusal itself is the point of this test.
      for (const text of seen.troubles) expect(text).toContain('Content Security Policy directive');
      seen.troubles.length = 0;
    } finally {
      await server.close();
    }
  });

  it('shows the other nights on demand, and a click on a row opens its report', async () => {
    await open(disk());
    await page.getByRole('button', { name: 'Show all 365 nights' }).click();
    expect(await rows().count()).toBe(365);
    await page.getByRole('button', { name: 'Show the newest 10' }).click();
    expect(await rows().count()).toBe(10);
    await rows().first().locator('td.reason').click();
    await page.waitForURL(/report\.html$/);
  });

  it('draws folded series only when they are opened', async () => {
    await open(disk());
    const folded = page.locator('section.chosen .others');
    expect(await folded.locator('.plot > svg').count()).toBe(0);
    await folded.locator('> summary').click();
    await folded.locator('.plot > svg').first().waitFor();
    await folded.locator('figure').last().scrollIntoViewIfNeeded();
    await folded.locator('figure').last().locator('.plot > svg').waitFor();
  });

  it('draws what a series has: band, line, gaps, arrows, segments, changes and the pin', async () => {
    await open(disk());
    const chart = (name: string) => page.getByRole('slider', { name, exact: true });
    const count = (name: string, parts: string) => chart(name).locator(parts).count();
    const [step, recovery] = [site.year.series[0], site.year.series[1]];
    const gaps = (one: typeof step): number =>
      one?.nights.filter((night) => night.value === null).length ?? -1;
    const name = 'orders p99 in baseline';
    expect(await count(name, '.c-band')).toBe(1);
    expect(await count(name, '.c-line')).toBe(1);
    expect(await count(name, '.c-gap')).toBe(gaps(step));
    expect(await count(name, '.c-segment')).toBe(2);
    expect(await count(name, '.c-pin')).toBe(1);
    expect(await count(name, '.c-change.worse:not(.suspected)')).toBe(1);
    expect(await chart(name).locator('text.c-bad').textContent()).toBe('▲ +22 %');
    expect(await count('orders p95 in fault:slow-redis', '.c-change.suspected.worse')).toBe(1);
    const censored = recovery?.nights.filter((night) => night.censored).length ?? 0;
    expect(censored).toBeGreaterThan(5);
    expect(await count('kill-pod: orders failed recovery', '.c-arrow')).toBe(censored);
    // A line has as many parts as runs of two or more nights that follow each other.
    const runs = step?.nights
      .map((one) => (one.value === null ? ' ' : 'x'))
      .join('')
      .match(/x{2,}/g)?.length;
    const path = await chart(name).locator('.c-line').getAttribute('d');
    expect(path?.match(/M/g)).toHaveLength(runs ?? -1);
  });

  it('shows only the last 30 or 90 nights where that is asked for', async () => {
    await open(disk());
    await page.getByRole('radio', { name: 'last 30' }).check();
    const last = page.getByRole('slider', { name: 'orders p50 in baseline', exact: true });
    const shown = site.year.nights.slice(-30);
    expect(await last.locator('text[text-anchor=end]').last().textContent()).toBe(
      shown.at(-1)?.startedAt.slice(0, 10),
    );
    expect(await last.locator('.c-dot').count()).toBe(
      site.year.series[6]?.nights.slice(-30).filter((one) => one.value !== null).length,
    );
  });

  it('compares two nights: values with intervals, ratio, verdicts, versions and environment', async () => {
    await open(disk());
    const boxes = page.locator('section.chosen').getByRole('checkbox');
    await boxes.nth(1).check();
    await boxes.nth(3).check();
    await page.getByRole('button', { name: 'Show the comparison' }).click();
    const section = page.getByRole('region', { name: 'Two nights', exact: true });
    expect(await page.evaluate('document.activeElement.id')).toBe('history-1-compare');
    expect(await section.locator('.lead').textContent()).toMatch(/^Both nights are of one segment\./);
    const line = await section.getByRole('row', { name: /^orders p99 in baseline \d/ }).textContent();
    expect(line).toMatch(/\d+ ms \(\d+ ms … \d+ ms\)\d+ ms \(\d+ ms … \d+ ms\)\d\.\d\d×$/);
    expect(await section.locator('.both tbody tr').count()).toBe(40);
    expect(await section.getByRole('row', { name: /^Environment: cluster green green$/ }).count()).toBe(1);
    expect(await section.getByRole('row', { name: /^Seed \d+ \d+ differs$/ }).count()).toBe(1);
    await boxes.nth(5).check();
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(2);
    expect(await boxes.nth(1).isChecked()).toBe(false);
  });

  it('says that nights of different segments cannot be compared, and shows no ratio of them', async () => {
    const [first, last] = [site.year.nights[0], site.year.nights.at(-1)];
    await open(
      disk(`#${new URLSearchParams({ history: 'nightly/staging', a: first?.id ?? '', b: last?.id ?? '' })}`),
    );
    const section = page.getByRole('region', { name: 'Two nights', exact: true });
    expect(await section.locator('.lead').textContent()).toMatch(
      /^Not comparable: other segment\. Between these nights began S2 from .* UTC: campaign; S3 from .* UTC: cluster: blue → green\.$/,
    );
    expect(new Set(await section.locator('.both tbody td:last-child').allTextContents())).toEqual(
      new Set(['not comparable: other segment']),
    );
  });

  it('keeps what was chosen in its address, so that another reader sees the same', async () => {
    await open(disk());
    await page.getByRole('link', { name: /^soak/ }).click();
    await until(page, `location.hash.includes('soak')`);
    expect(await page.title()).toBe('FAIL: soak – Gauntlet history');
    const chart = page.getByRole('slider', { name: 'orders p99 in baseline', exact: true });
    await page.getByRole('radio', { name: 'last 30' }).check();
    await chart.focus();
    for (const key of ['ArrowLeft', 'ArrowLeft', ' ', 'PageDown', ' ']) await page.keyboard.press(key);
    await page.locator('section.chosen .others > summary').click();
    for (const part of ['last=30', '&a=', '&b=', 'night=', 'series=all'])
      await until(page, `location.hash.includes('${part}')`);
    const other = await browser.newPage();
    await other.goto(page.url());
    await drawn(other);
    const state = (of: Page): Promise<unknown> =>
      of.evaluate(`[
        document.title,
        document.querySelector('.bar').textContent,
        document.querySelector('section.chosen .both tbody').textContent,
        document.querySelector('section.chosen .range input:checked').value,
        document.querySelector('section.chosen .others').open,
      ]`);
    expect(await state(other)).toEqual(await state(page));
    await other.close();
  });

  it('opens with what it has for an address that names unknown nights or histories', async () => {
    await open(disk('#history=gone&a=x&b=%22%3E%3Cscript%3E&night=y&last=1e9&nights=all'));
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(site.year.headline);
    expect(await rows().count()).toBe(365);
    expect(await page.locator('.bar').isVisible()).toBe(false);
  });

  it('shows hostile names as text, in every place', async () => {
    await open(disk(`#${new URLSearchParams({ history: `${HOSTILE}/${HOSTILE}` })}`));
    await page.getByRole('slider').first().focus();
    for (const key of ['ArrowLeft', ' ', 'ArrowLeft', ' ']) await page.keyboard.press(key);
    await page.evaluate(
      `for (const one of document.querySelectorAll('section.chosen details')) one.open = true`,
    );
    await page
      .getByRole('region', { name: 'Two nights', exact: true })
      .locator('.both tbody tr')
      .first()
      .waitFor();
    expect(await page.title()).toContain(HOSTILE);
    expect(await page.locator('img, script:not([src])').count()).toBe(0);
    expect(await page.locator('section.chosen h1').textContent()).toContain(HOSTILE);
    expect(seen.requests.every((url) => url.startsWith(pathToFileURL(site.folder).href))).toBe(true);
  });
});
