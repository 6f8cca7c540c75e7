/**
 * Writes the history page into a folder of its own. Its scripts are named by their content, and `index.html`,
 * which names them, is replaced last: a reader never sees half of a page, nor a new page with old numbers.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GauntletError, messageOf, usageError } from '../../core/errors.ts';
import { redactAll } from '../../core/secrets.ts';
import type { Trend } from '../../core/trend.ts';
import { trendData } from '../../report/history-page/data.ts';
import { PAGE_MARK, renderHistoryPage } from '../../report/history-page/page.ts';
import { PAGE_SCRIPT } from '../../report/history-page/script/script.ts';
import { PAGE_STYLE } from '../../report/history-page/style.ts';
import type { NightReport, PageTrend } from '../../report/history-page/view.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { copyPlace, type RunFolders, recordedReport } from './page-reports.ts';

export interface PageWritten {
  /** Path of `index.html`. */
  readonly index: string;
  /** Of the page with its numbers, without reports of nights. */
  readonly bytes: number;
  readonly nights: number;
  /** Nights whose report is in the folder. */
  readonly copied: number;
  /** Nights whose report is behind a recorded address. */
  readonly linked: number;
}

const INDEX = 'index.html';
/** Our own names alone: another file in the folder is never removed. */
const OURS = /^(?:page|data)-[0-9a-f]{16}\.(?:css|js)$/;

/**
 * @param runs folders of runs whose reports are copied; reports of earlier calls stay.
 * @throws usage when the folder holds something else than a history page; unavailable when it cannot be
 *   written.
 */
export function writePage(trends: readonly Trend[], runs: RunFolders, outDir: string): PageWritten {
  refuseOther(outDir);
  try {
    // A page is shown to more people than a history is.
    return write(redactAll(trends), runs, outDir);
  } catch (error) {
    if (error instanceof GauntletError) throw error;
    const problem = {
      subject: `history page ${outDir}`,
      expected: 'a folder that can be written',
      got: messageOf(error),
      next: 'Make room, or choose another folder. The page that was there is unchanged.',
    };
    throw new GauntletError('unavailable', [problem], { cause: error });
  }
}

function write(trends: readonly Trend[], runs: RunFolders, outDir: string): PageWritten {
  makeFolder(outDir);
  const pages = trends.map((trend): PageTrend => ({ trend, reports: reportsOf(trend, runs, outDir) }));
  const before = filesNamedIn(join(outDir, INDEX));
  let bytes = 0;
  const put = (kind: 'page' | 'data', ending: 'css' | 'js', text: string): string => {
    const name = `${kind}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.${ending}`;
    const path = join(outDir, name);
    bytes += Buffer.byteLength(text);
    if (!existsSync(path)) writeWhole(path, text);
    return name;
  };
  const files = {
    style: put('page', 'css', PAGE_STYLE),
    script: put('page', 'js', PAGE_SCRIPT),
    data: pages.map((page) => put('data', 'js', trendData(page))),
  };
  const text = renderHistoryPage(pages, files);
  writeWhole(join(outDir, INDEX), text);
  removeOld(outDir, new Set([files.style, files.script, ...files.data, ...before]));
  const kinds = pages.flatMap(({ reports }) => [...reports.values()].map((one) => one.kind));
  return {
    index: join(outDir, INDEX),
    bytes: bytes + Buffer.byteLength(text),
    nights: trends.reduce((sum, { nights }) => sum + nights.length, 0),
    copied: kinds.filter((one) => one === 'copied').length,
    linked: kinds.filter((one) => one === 'linked').length,
  };
}

/** A folder with other things may be somebody's site, or a run. @throws usage. */
export function refuseOther(outDir: string): void {
  if (!existsSync(outDir)) return;
  const problem = { subject: outDir, expected: 'a new folder, an empty one, or one with a history page' };
  const next = 'Give the page a folder of its own.';
  if (!statSync(outDir).isDirectory()) throw usageError({ ...problem, got: 'a file', next });
  const names = readdirSync(outDir);
  if (names.every((name) => name.startsWith('.'))) return;
  const index = join(outDir, INDEX);
  // A first call that was killed leaves our scripts without an index.
  const isBegun = names.every((name) => OURS.test(name) || name === 'nights' || name.endsWith('.tmp'));
  if (existsSync(index) ? readFileSync(index, 'utf8').includes(PAGE_MARK) : isBegun) return;
  throw usageError({ ...problem, got: `one with ${names.slice(0, 3).join(', ')}`, next });
}

function reportsOf(trend: Trend, runs: RunFolders, outDir: string): ReadonlyMap<string, NightReport> {
  return new Map(
    trend.nights.map((night) => {
      const place = copyPlace(night);
      const folder = runs.get(night.run);
      if (place === null) return [night.id, recordedReport(night)];
      const from = folder === undefined ? null : join(folder, RUN_FILES.html);
      if (from !== null && existsSync(from)) copyWhole(from, join(outDir, place));
      const isThere = existsSync(join(outDir, place));
      return [night.id, isThere ? { kind: 'copied', href: place } : recordedReport(night)];
    }),
  );
}

/** A report may be rewritten (`gauntlet report`), so it is copied again when it differs. */
function copyWhole(from: string, to: string): void {
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return;
  makeFolder(dirname(to));
  const aside = `${to}.${process.pid}.tmp`;
  try {
    copyFileSync(from, aside);
    renameSync(aside, to);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** What the page that is being replaced names: a reader may have it open and not have read all of it. */
function filesNamedIn(index: string): readonly string[] {
  if (!existsSync(index)) return [];
  const named = readFileSync(index, 'utf8').matchAll(/"((?:page|data)-[0-9a-f]{16}\.(?:css|js))"/g);
  return [...named].map(([, name = '']) => name);
}

function removeOld(outDir: string, kept: ReadonlySet<string>): void {
  for (const name of readdirSync(outDir))
    if (OURS.test(name) && !kept.has(basename(name))) rmSync(join(outDir, name), { force: true });
}
