/** The page of a year, of a shorter history and of one with hostile names; one night has its real report. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Trend } from '../../../src/core/trend.ts';
import { writePage } from '../../../src/run/history/page.ts';
import { htmlOf } from '../../../src/run/verdict/write-reports.ts';
import { madeTrend } from '../../support/made-trend.ts';
import { demoInput } from '../../unit/report/fixture.ts';

export const HOSTILE = `"><img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

export interface Site {
  readonly folder: string;
  readonly year: Trend;
  readonly soak: Trend;
  readonly hostile: Trend;
  remove(): void;
}

export function madeSite(): Site {
  const home = mkdtempSync(join(tmpdir(), 'gauntlet-page-'));
  const folder = join(home, 'site');
  const year = madeTrend({ seed: 1, count: 365, series: 40 });
  const soak = madeTrend({ seed: 2, count: 40, series: 12, campaign: 'soak' });
  const hostile = madeTrend({
    seed: 3,
    count: 20,
    series: 11,
    campaign: HOSTILE,
    target: HOSTILE,
    text: (one) => one + HOSTILE,
  });
  const newest = year.nights.at(-1)?.run ?? '';
  const run = join(home, newest);
  mkdirSync(run);
  writeFileSync(join(run, 'report.html'), htmlOf(demoInput()));
  writePage([year, soak, hostile], new Map([[newest, run]]), folder);
  return { folder, year, soak, hostile, remove: () => rmSync(home, { recursive: true, force: true }) };
}
