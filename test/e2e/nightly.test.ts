/**
 * Nights in a row on one sandbox, as a cron job makes them: the first, one that is killed while its fault is
 * in place, the next one that adds the killed one, and one that a person ends.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Night } from '../../src/core/night.ts';
import { nightIdOf } from '../../src/run/history/night-id.ts';
import { Bench, type Running } from './support/gauntlet.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const bench = new Bench();
const [campaign, history] = [join(bench.folder, 'campaign.yaml'), join(bench.folder, 'history')];
const left = join(bench.state, 'nightly');

beforeAll(async () => {
  await requireTestTools(['k6', 'redis', 'java', 'kafka']);
  writeFileSync(
    campaign,
    [
      'name: short',
      'target: sandbox',
      'load: [{ scenario: specialists, rate: 10/s, timeout: 1s }]',
      'warmup: 3s',
      'baseline: 6s',
      'faults: [{ pause-pod: { service: specialist-business, for: 3s } }]',
      'recovery: { hold: 2s, timeout: 60s }',
      'objectives:',
      '  - specialist.technical failed < 30% in baseline',
      '  - specialist.business recovered < 60s after pause-pod',
      '',
    ].join('\n'),
  );
  const up = await bench.run('sandbox', 'up');
  expect([up.code, up.stderr]).toEqual([0, expect.any(String)]);
});
afterAll(async () => {
  await bench.run('sandbox', 'down');
  expect(await bench.quiet(20_000)).toEqual([]);
});

const night = (name: string, ...more: string[]): Running =>
  bench.start(['nightly', campaign, '--history', history, '--out', join(bench.folder, name), ...more]);

const nights = (): readonly Night[] =>
  readdirSync(history, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\d{4}\/\d{2}\/[^/]+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(history, name), 'utf8')) as Night)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
const statuses = (): readonly string[] => nights().map((one) => one.status);

describe('gauntlet nightly', () => {
  it('needs a history, and touches nothing without one', async () => {
    const { code, stdout, stderr } = await night('none').finished;
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toBe(
      `history ${history}: expected a history, got nothing. Correct the path; to begin a new history there, give --bootstrap once.\n`,
    );
    expect(readdirSync(bench.folder)).not.toContain('none');
  });

  it('adds each night once: the first, a killed one with the next, and one that was ended', async () => {
    const first = await night('first', '--bootstrap', '--subject', 'business=sha256:12ab').finished;
    expect([first.code, first.stdout], first.stderr).toEqual([
      0,
      expect.stringContaining('Trend: INSUFFICIENT-HISTORY: 1 of the 12 comparable nights'),
    ]);
    expect(first.stdout.trimEnd()).toMatch(/\nPASS \(night PASS, trend without an answer yet\)$/);

    const killed = night('killed');
    await killed.said('pause-pod: injected');
    killed.child.kill('SIGKILL');
    await killed.finished;
    expect(statuses()).toEqual(['PASS']);
    expect(readdirSync(left)).toHaveLength(1);

    const next = await night('next').finished;
    const [, second] = nights();
    expect(next.code, next.stderr).toBe(0);
    expect(next.stderr).toContain(`added ${second?.run}, which an earlier nightly left behind: INVALID`);
    expect(statuses()).toEqual(['PASS', 'INVALID', 'PASS']);
    expect(second?.reasons[0]?.text).toBe('interrupted: the run ended without its last event');
    expect(Object.keys(second?.flows ?? {})).toContain('specialist.business');
    expect(readdirSync(left)).toEqual([]);

    const ended = night('ended');
    await ended.said('phase baseline');
    ended.child.kill('SIGINT');
    const { code, stdout } = await ended.finished;
    expect([code, stdout]).toEqual([
      130,
      expect.stringContaining('Interrupted, and everything was undone; the night is in the history'),
    ]);
    expect(statuses()).toEqual(['PASS', 'INVALID', 'PASS', 'INVALID']);
    expect(nights().at(-1)?.reasons[0]?.text).toBe('interrupted: SIGINT');

    for (const one of nights()) expect(one.id).toBe(nightIdOf(one));
    expect(nights()[0]?.subject).toEqual({ business: 'sha256:12ab' });
    expect(new Set(nights().map((one) => one.campaignHash)).size).toBe(1);
    const verified = await bench.run('history', 'verify', history);
    expect([verified.code, verified.stdout]).toEqual([
      0,
      `${history}: 4 nights, every record whole and unchanged.\n`,
    ]);
    const again = await bench.run('history', 'add', history, join(bench.folder, 'next'));
    expect([again.code, again.stdout]).toEqual([0, `${nights()[2]?.id} is there already: PASS.\n`]);
  }, 300_000);

  it('keeps a night in which its target is ill, with the reasons of the doctor', async () => {
    const target = join(bench.folder, 'gone.yaml');
    // A port of this machine that nothing listens on.
    writeFileSync(target, 'name: gone\nplatform: none\nspecialists: { technical: "127.0.0.1:9" }\n');
    const loaded = join(bench.folder, 'loaded.yaml');
    writeFileSync(
      loaded,
      'name: loaded\ntarget: gone\nload: [{ scenario: specialists, rate: 10/s, timeout: 1s }]\nwarmup: 1s\nbaseline: 2s\nobjectives:\n  - specialist.technical failed < 30% in baseline\n',
    );
    const { code, stdout, stderr } = await bench.run(
      ...['nightly', loaded, '--history', history, '--target', target, '--out', join(bench.folder, 'ill')],
    );
    expect(stderr).toContain('specialist-technical: expected to be well before the night');
    const gap = nights().find((one) => one.campaign === 'loaded');
    expect([code, gap?.status], stdout).toEqual([69, 'NO-DATA']);
    expect(gap?.reasons[0]?.text).toContain(
      'specialist-technical: expected to be well before the night, got',
    );
  }, 60_000);
});
