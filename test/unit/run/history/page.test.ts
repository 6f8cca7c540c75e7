import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Night } from '../../../../src/core/night.ts';
import { keepSecret } from '../../../../src/core/secrets.ts';
import type { Trend } from '../../../../src/core/trend.ts';
import { writePage } from '../../../../src/run/history/page.ts';
import { copyPlace, recordedReport, runFoldersIn } from '../../../../src/run/history/page-reports.ts';
import { madeTrend } from '../../../support/made-trend.ts';

let home: string;
let out: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gauntlet-page-'));
  out = join(home, 'site', 'history');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const NONE = new Map<string, string>();
const trend = madeTrend({ seed: 1, count: 20, series: 5 });
const later = madeTrend({ seed: 2, count: 21, series: 5 });
const night = (fields: Partial<Night>): Night => {
  const [first] = trend.nights;
  if (first === undefined) throw new Error('the fixture has nights');
  return { ...first, ...fields };
};
const named = (): string[] => readdirSync(out).sort();
const runFolder = (of: Trend, at: number, text: string): [string, string] => {
  const run = of.nights[at]?.run ?? '';
  const folder = join(home, 'runs', run);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.html'), text);
  writeFileSync(join(folder, 'plan.json'), JSON.stringify({ id: run }));
  return [run, folder];
};

describe('writing the history page', () => {
  it('makes the folder, with a page and its scripts named by their content', () => {
    const written = writePage([trend], NONE, out);
    expect(written.index).toBe(join(out, 'index.html'));
    expect(named().map((name) => name.replace(/-[0-9a-f]{16}\./, '-HASH.'))).toEqual(
      expect.arrayContaining(['index.html', 'data-HASH.js', 'page-HASH.css', 'page-HASH.js']),
    );
    expect(named()).toHaveLength(4);
    const index = readFileSync(written.index, 'utf8');
    for (const name of named().filter((one) => one !== 'index.html')) expect(index).toContain(`"${name}"`);
    const bytes = named().reduce((sum, name) => sum + readFileSync(join(out, name)).length, 0);
    expect(written).toMatchObject({ nights: 20, copied: 0, bytes });
  });

  it('writes the same page twice without a change, and leaves no unfinished file', () => {
    writePage([trend], NONE, out);
    const before = named().map((name) => [name, readFileSync(join(out, name), 'utf8')]);
    writePage([trend], NONE, out);
    expect(named().map((name) => [name, readFileSync(join(out, name), 'utf8')])).toEqual(before);
  });

  it('keeps what the page before it names, for a reader who has it open, and removes what is older', () => {
    writePage([trend], NONE, out);
    const [first] = named().filter((name) => name.startsWith('data-'));
    writePage([later], NONE, out);
    expect(named()).toContain(first);
    writePage([madeTrend({ seed: 3, count: 22, series: 5 })], NONE, out);
    expect(named()).not.toContain(first);
    expect(named().filter((name) => name.startsWith('data-'))).toHaveLength(2);
  });

  it('leaves a page as it was when its numbers cannot be written', () => {
    writePage([trend], NONE, out);
    const before = readFileSync(join(out, 'index.html'), 'utf8');
    rmSync(join(home, 'runs'), { recursive: true, force: true });
    writeFileSync(join(out, 'nights'), 'a file where a folder is needed');
    expect(() => writePage([later], new Map([runFolder(later, 20, 'x')]), out)).toThrow(
      /history page .*: expected a folder that can be written, got .*The page that was there is unchanged/,
    );
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe(before);
  });

  it('shows no secret of this process, in markup or numbers', () => {
    keepSecret('PAGE_TOKEN', 'page-token-4f1d9c');
    const told = madeTrend({ seed: 4, count: 20, series: 5, text: (one) => `${one} page-token-4f1d9c` });
    writePage([told], NONE, out);
    const all = named().map((name) => readFileSync(join(out, name), 'utf8'));
    expect(all.join('')).not.toContain('page-token-4f1d9c');
    expect(all.join('')).toContain('[PAGE_TOKEN]');
  });

  it('refuses a folder that holds something else, and touches nothing in it', () => {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'index.html'), '<h1>my site</h1>');
    expect(() => writePage([trend], NONE, out)).toThrow(
      'expected a new folder, an empty one, or one with a history page, got one with index.html. Give the page a folder of its own.',
    );
    expect(named()).toEqual(['index.html']);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe('<h1>my site</h1>');
    const file = join(home, 'file');
    writeFileSync(file, '');
    expect(() => writePage([trend], NONE, file)).toThrow('got a file');
  });

  it('goes on where a first call was killed before its index', () => {
    writePage([trend], NONE, out);
    rmSync(join(out, 'index.html'));
    writeFileSync(join(out, 'index.html.1.tmp'), 'half');
    expect(existsSync(writePage([trend], NONE, out).index)).toBe(true);
  });

  it('copies the report of a run, keeps it in later calls, and takes it again when it was rewritten', () => {
    const [run, folder] = runFolder(trend, 19, 'first');
    expect(writePage([trend], new Map([[run, folder]]), out).copied).toBe(1);
    const copy = join(out, 'nights', run, 'report.html');
    expect(readFileSync(copy, 'utf8')).toBe('first');
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain(`<a href="nights/${run}/report.html">`);
    expect(writePage([trend], NONE, out).copied).toBe(1);
    writeFileSync(join(folder, 'report.html'), 'second');
    writePage([trend], new Map([[run, folder]]), out);
    expect(readFileSync(copy, 'utf8')).toBe('second');
  });

  it('finds runs in a folder of run folders, and the one run that a folder is', () => {
    const [run, folder] = runFolder(trend, 3, 'x');
    mkdirSync(join(home, 'runs', 'other'));
    writeFileSync(join(home, 'runs', 'note.txt'), '');
    expect([...runFoldersIn(join(home, 'runs'))]).toEqual([[run, folder]]);
    expect([...runFoldersIn(folder)]).toEqual([[run, folder]]);
    expect([...runFoldersIn(join(home, 'nowhere'))]).toEqual([]);
  });
});

describe('the report of a night', () => {
  it.each(['../../etc', 'a/b', '.hidden', '', 'x'.repeat(300), 'a\nb'])(
    'has no place for the run %j',
    (run) => {
      expect(copyPlace(night({ run }))).toBeNull();
    },
  );

  it('is followed only to the web, without user and password', () => {
    const of = (report: string | null) => recordedReport(night({ report }));
    expect(of('https://me:secret@ci.example/r?job=1')).toEqual({
      kind: 'linked',
      href: 'https://ci.example/r?job=1',
    });
    expect(of(null)).toEqual({ kind: 'not-kept' });
    for (const text of [
      'javascript:alert(1)',
      '/srv/run',
      'file:///etc/passwd',
      'https://',
      'data:text/html,x',
    ])
      expect(of(text)).toEqual({ kind: 'told', text });
  });
});
