/**
 * How long the history page takes in Chromium: 365 nights × 40 series against an empty page, in turn in one
 * browser, each in a new context.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { writePage } from '../src/run/history/page.ts';
import { drawn, launch } from '../test/e2e/support-page/browser.ts';
import { madeTrend } from '../test/support/made-trend.ts';

const ROUNDS = 9;

export interface PageBench {
  readonly bytes: number;
  /** Navigation to the frame that shows rows and headline charts; median and worst of the rounds. */
  readonly pageMs: number;
  readonly worstMs: number;
  /** Navigation to the first frame of an empty page. */
  readonly emptyMs: number;
}

/** Needs a Chromium, as the tests of the page do. */
export async function benchPage(): Promise<PageBench> {
  const home = mkdtempSync(join(tmpdir(), 'gauntlet-bench-page-'));
  const browser = await launch();
  try {
    const { index, bytes } = writePage(
      [madeTrend({ seed: 1, count: 365, series: 40 })],
      new Map(),
      join(home, 'site'),
    );
    const empty = join(home, 'empty.html');
    writeFileSync(empty, '<!doctype html><title>empty</title><p>empty</p>');
    const [page, none]: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const [seen, bare] = [await timeOf(browser, index, true), await timeOf(browser, empty, false)];
      // The first round reads programs and fonts from the disk.
      if (round > 0) {
        page.push(seen);
        none.push(bare);
      }
    }
    const median = (all: readonly number[]): number =>
      [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
    return { bytes, pageMs: median(page), worstMs: Math.max(...page), emptyMs: median(none) };
  } finally {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Two frames later: what was drawn before is on the screen. */
const PAINTED = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))))`;

async function timeOf(browser: Browser, path: string, isPage: boolean): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(pathToFileURL(path).href);
    if (isPage) await drawn(page);
    return (await page.evaluate(PAINTED)) as number;
  } finally {
    await context.close();
  }
}

export const renderPage = ({ bytes, pageMs, worstMs, emptyMs }: PageBench): string =>
  `history page             365 nights × 40 series (${(bytes / 1e6).toFixed(2)} MB) drawn after ${pageMs.toFixed(0)} ms (worst of ${ROUNDS}: ${worstMs.toFixed(0)}), an empty page ${emptyMs.toFixed(0)} ms, ratio ${(pageMs / emptyMs).toFixed(1)}`;
