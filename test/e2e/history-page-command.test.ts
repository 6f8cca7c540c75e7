/** `gauntlet history page` on a history with real records, as a user types it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withNightId } from '../../src/run/history/night-id.ts';
import { openHistory } from '../../src/run/history/open-history.ts';
import { aNight } from '../unit/measure/trend/nights.ts';
import { Bench } from './support/gauntlet.ts';

const bench = new Bench();
const where = join(bench.folder, 'history');
const site = join(bench.folder, 'site');

async function fill(): Promise<void> {
  const history = await openHistory(where, {
    places: { state: bench.state, cache: bench.state },
    env: {},
    bootstrap: true,
  });
  for (let at = 0; at < 30; at += 1) {
    const { id: _, ...fields } = aNight(at, {
      p99: 100 + ((at * 7) % 5),
      rounds: [12, 14, at % 9 === 0 ? 'never' : 13],
    });
    history.add(withNightId(fields));
  }
  await history.close();
}

describe('gauntlet history page', () => {
  it('writes the page of a history with the reports of its runs, and says what it wrote', async () => {
    await fill();
    const run = join(bench.folder, 'reports', 'r0029');
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'plan.json'), JSON.stringify({ id: 'r0029' }));
    writeFileSync(join(run, 'report.html'), '<!doctype html><title>r0029</title>');
    const done = await bench.run(
      'history',
      'page',
      where,
      '--out',
      site,
      '--runs',
      join(bench.folder, 'reports'),
    );
    expect(done.stderr).toBe('');
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^nightly on staging-1: PASS: no series became worse \(.*\n/);
    expect(done.stdout).toMatch(
      /\nPage: .*site\/index\.html \(30 nights, 1 report copied, 0 linked, \d+ kB\)\n$/,
    );
    const index = readFileSync(join(site, 'index.html'), 'utf8');
    expect(index.match(/<tr data-night=/g)).toHaveLength(30);
    expect(index).toContain('<a href="nights/r0029/report.html">');
    expect(existsSync(join(site, 'nights/r0029/report.html'))).toBe(true);
  });

  it('refuses a folder that is no page, a history that is not there and a call without --out', async () => {
    const other = await bench.run('history', 'page', where, '--out', bench.folder);
    expect(other.code).toBe(64);
    expect(other.stderr).toContain('expected a new folder, an empty one, or one with a history page');
    const none = await bench.run('history', 'page', join(bench.folder, 'none'), '--out', site);
    expect(none.code).toBe(64);
    const out = await bench.run('history', 'page', where);
    expect(out.code).toBe(64);
    expect(out.stderr).toContain("required option '--out <folder>' not specified");
  });
});
