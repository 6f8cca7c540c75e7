import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Night } from '../../../../src/core/night.ts';
import type { QuarantineEntry } from '../../../../src/core/quarantine.ts';
import type { HistoryStore } from '../../../../src/run/history/history-store.ts';
import { nightIdOf, withNightId } from '../../../../src/run/history/night-id.ts';
import { openHistory } from '../../../../src/run/history/open-history.ts';
import { nightPath } from '../../../../src/run/history/paths.ts';
import { aNight } from './a-night.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-history-'));
const OF = { campaign: 'nightly', environment: 'staging-3f1c' };

const open = (where: string, bootstrap = false, progress?: (text: string) => void): Promise<HistoryStore> =>
  openHistory(where, {
    places: { state: where, cache: where },
    env: {},
    bootstrap,
    ...(progress && { progress }),
  });

async function made(): Promise<{ readonly root: string; readonly history: HistoryStore }> {
  const root = join(newFolder(), 'h');
  return { root, history: await open(root, true) };
}

const day = (number: number): Night =>
  aNight({ startedAt: `2026-11-${String(number).padStart(2, '0')}T02:00:00.000Z` });

describe('opening a history', () => {
  it('refuses a folder that is not there, and names --bootstrap', async () => {
    const where = join(newFolder(), 'absent');
    await expect(open(where)).rejects.toThrow(
      `history ${where}: expected a history, got nothing. Correct the path; to begin a new history there, give --bootstrap once.`,
    );
    expect(existsSync(where)).toBe(false);
  });

  it('refuses an empty folder: a disk that is not mounted is no new history', async () => {
    const where = newFolder();
    await expect(open(where)).rejects.toThrow(
      `history ${where}: expected a history, got a folder without gauntlet-history.json.`,
    );
    expect(readdirSync(where)).toEqual([]);
  });

  it('makes one with --bootstrap, says so once, and leaves an existing one as it is', async () => {
    const where = join(newFolder(), 'a', 'b');
    const said: string[] = [];
    const history = await open(where, true, (text) => said.push(text));
    expect(history.add(day(1))).toBe('added');
    expect((await open(where, true, (text) => said.push(text))).nights()).toEqual([day(1)]);
    expect(said).toEqual([`history: made a new one in ${where}`]);
  });

  it('does not begin one among other files, but beside a README and hidden files', async () => {
    const where = newFolder();
    writeFileSync(join(where, 'README.md'), '');
    mkdirSync(join(where, '.git'));
    writeFileSync(join(where, 'report.html'), '');
    await expect(open(where, true)).rejects.toThrow(
      `history ${where}: expected an empty folder for a new history, got "report.html". Choose another folder.`,
    );
    rmSync(join(where, 'report.html'));
    expect((await open(where, true)).nights()).toEqual([]);
  });

  it('refuses a file, and a marker of another version or of none', async () => {
    const where = newFolder();
    const file = join(where, 'f');
    writeFileSync(file, '');
    await expect(open(file, true)).rejects.toThrow(`history ${file}: expected a folder, got a file.`);
    writeFileSync(join(where, 'gauntlet-history.json'), '{"schema":"gauntlet.history/2"}');
    await expect(open(where)).rejects.toThrow(
      `${where}/gauntlet-history.json: expected schema gauntlet.history/1, got "gauntlet.history/2". Use the version of Gauntlet that wrote it.`,
    );
    writeFileSync(join(where, 'gauntlet-history.json'), '{');
    await expect(open(where)).rejects.toThrow('expected the marker of a history as JSON');
  });
});

describe('nights', () => {
  it('are read oldest first, by campaign and environment', async () => {
    const { root, history } = await made();
    const other = aNight({ campaign: 'other', run: 'other-run' });
    for (const one of [day(3), other, day(1), day(2)]) expect(history.add(one)).toBe('added');
    expect(history.nights(OF)).toEqual([day(1), day(2), day(3)]);
    expect((await open(root)).nights()).toHaveLength(4);
    expect(history.nights({ campaign: 'other' })).toEqual([other]);
    expect(history.nights({ environment: 'prod' })).toEqual([]);
  });

  it('are added once: the second time nothing is written', async () => {
    const { root, history } = await made();
    history.add(day(1));
    const path = join(root, nightPath(day(1)));
    writeFileSync(path, readFileSync(path, 'utf8').trimEnd());
    expect((await open(root)).add(day(1))).toBe('already-there');
    expect(readFileSync(path, 'utf8')).not.toMatch(/\n$/);
  });

  it('are one for a run: another record of it is an error that names both', async () => {
    const { history } = await made();
    const other = aNight({ ...day(1), seed: 8 });
    history.add(day(1));
    expect(() => history.add(other)).toThrow(
      `run ${other.run}: expected the record that is there already, ${day(1).id}, got ${other.id}.`,
    );
    expect(history.nights()).toEqual([day(1)]);
  });

  it('that carry the id of other content are refused as a defect', async () => {
    const { history } = await made();
    expect(() => history.add({ ...day(1), seed: 8 })).toThrow('night: expected a record with its own id');
    expect(history.nights()).toEqual([]);
  });

  it('of another writer are seen by the next call', async () => {
    const { root, history } = await made();
    history.add(day(1));
    (await open(root)).add(day(2));
    expect(history.nights()).toEqual([day(1), day(2)]);
  });

  it('keep fields that this version does not know', async () => {
    const { root, history } = await made();
    const later = withNightId({ ...day(1), ...{ mood: { of: 'a later version' } } });
    history.add(later);
    expect((await open(root)).nights()).toEqual([later]);
  });
});

describe('a folder that cannot be written', () => {
  it('is named with the reason, as a part that is not available, and keeps what it had', async () => {
    const { root, history } = await made();
    history.add(day(1));
    // A file where the month of the next night would be.
    writeFileSync(join(root, 'nightly/staging-3f1c/2025'), '');
    const earlier = aNight({ startedAt: '2025-12-31T02:00:00.000Z' });
    expect(() => history.add(earlier)).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        message: expect.stringMatching(
          new RegExp(
            `^history ${root}: expected to be writable, got EEXIST: .*mend that, then do the same again\\.$`,
          ),
        ),
      }),
    );
    rmSync(join(root, 'nightly/staging-3f1c/2025'));
    expect(history.nights()).toEqual([day(1)]);
  });
});

describe('the id of a night', () => {
  it('is that of what is read back, in whatever order the fields are', () => {
    const json = fc.jsonValue();
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (extra) => {
        const { id: _, ...night } = aNight();
        const one = withNightId({ ...night, subject: { a: 'b' }, ...{ extra } });
        const read = JSON.parse(JSON.stringify(one)) as Night;
        expect(nightIdOf(read)).toBe(one.id);
        expect(nightIdOf(Object.fromEntries(Object.entries(read).reverse()) as unknown as Night)).toBe(
          one.id,
        );
        expect(nightIdOf({ ...one, seed: one.seed + 1 })).not.toBe(one.id);
      }),
    );
  });
});

describe('a damaged history', () => {
  const DAMAGE: readonly (readonly [string, (path: string, root: string) => void, string])[] = [
    [
      'a changed number',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"seed": 7', '"seed": 9')),
      `expected content with the id ${day(2).id}, got content with the id ${nightIdOf({ ...day(2), seed: 9 })}`,
    ],
    [
      'half a file',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 200)),
      'expected a night as JSON, got text that is cut off or changed',
    ],
    ['an empty file', (path) => writeFileSync(path, ''), 'expected a night as JSON, got an empty file'],
    [
      'a newer version',
      (path) => writeFileSync(path, '{"schema":"gauntlet.night/2"}'),
      'expected schema gauntlet.night/1, got "gauntlet.night/2". Use the version of Gauntlet that wrote it.',
    ],
    [
      'another name',
      (path) => renameSync(path, join(dirname(path), 'x.json')),
      `expected a night that is kept at ${nightPath(day(2))}, got it here`,
    ],
    [
      'a file among the records',
      (path) => writeFileSync(join(dirname(path), 'notes.txt'), 'hello'),
      'expected only records of Gauntlet in a history, got another file',
    ],
  ];

  it.each(DAMAGE)(
    'with %s is an error for every reader, and still takes a new night',
    async (_, damage, words) => {
      const { root, history } = await made();
      for (const one of [day(1), day(2)]) history.add(one);
      damage(join(root, nightPath(day(2))), root);
      const again = await open(root);
      expect(again.problems()).toHaveLength(1);
      for (const read of [
        () => again.nights(),
        () => again.pinned(OF),
        () => again.told(),
        () => again.quarantine(),
      ])
        expect(read).toThrow(words);
      expect(again.add(day(3))).toBe('added');
      expect(existsSync(join(root, nightPath(day(3))))).toBe(true);
    },
  );

  it('names every problem at once', async () => {
    const { root, history } = await made();
    for (const number of [1, 2, 3]) history.add(day(number));
    for (const number of [1, 3]) writeFileSync(join(root, nightPath(day(number))), '');
    const problems = (await open(root)).problems().map((one) => one.subject);
    expect(problems).toEqual([1, 3].map((number) => `${root}/${nightPath(day(number))}`));
  });

  it('names two records of one run, as two writers at the same instant can leave them', async () => {
    const { root, history } = await made();
    const [one, other] = [day(1), aNight({ ...day(1), seed: 8 })];
    history.add(one);
    const file = join(root, nightPath(other));
    writeFileSync(file, JSON.stringify(other));
    expect((await open(root)).problems()).toEqual([
      expect.objectContaining({
        expected: 'one record of a run',
        got: [one.id, other.id].sort().join(' and '),
      }),
    ]);
  });

  it('does not mind the unfinished file of a killed writer', async () => {
    const { root, history } = await made();
    history.add(day(1));
    writeFileSync(`${join(root, nightPath(day(1)))}.812-0a1b2c3d.tmp`, '{"sch');
    expect((await open(root)).nights()).toEqual([day(1)]);
  });
});

describe('a pin', () => {
  const at = (minute: number): string => `2026-11-28T03:${String(minute).padStart(2, '0')}:00.000Z`;

  it('holds until a later one, or until it is taken away', async () => {
    const { root, history } = await made();
    for (const number of [1, 2]) history.add(day(number));
    expect(history.pinned(OF)).toBeNull();
    history.pin({ ...OF, night: day(1).id, at: at(1), by: 'ann', reason: 'release 4' });
    history.pin({ ...OF, night: day(2).id, at: at(2), by: null, reason: null });
    const again = await open(root);
    expect(again.pinned(OF)).toBe(day(2).id);
    expect(again.pinned({ ...OF, environment: 'prod' })).toBeNull();
    again.pin({ ...OF, night: null, at: at(3), by: null, reason: null });
    expect(history.pinned(OF)).toBeNull();
    expect(history.pins(OF).map((one) => one.night)).toEqual([day(1).id, day(2).id, null]);
  });

  it('is set on a night that is there, or refused', async () => {
    const { history } = await made();
    history.add(day(1));
    const night = day(1).id.replace(/.$/, 'x');
    expect(() => history.pin({ ...OF, night, at: at(1), by: null, reason: null })).toThrow(
      `pin: expected a night of nightly in environment staging-3f1c, got ${night}. Did you mean ${day(1).id}?`,
    );
  });
});

describe('index.ndjson', () => {
  const linesOf = (root: string): string[] =>
    readFileSync(join(root, 'index.ndjson'), 'utf8').trim().split('\n');

  it('is written by a publish, a line a night, and says where each record is', async () => {
    const { root, history } = await made();
    expect(history.index()).toBe('missing');
    for (const number of [2, 1]) history.add(day(number));
    await history.publish();
    expect(history.index()).toBe('fresh');
    expect(linesOf(root).map((line) => JSON.parse(line))).toEqual(
      [day(1), day(2)].map(
        ({ id, run, campaign, target, startedAt, status, runStatus, campaignHash }, at) => ({
          ...{ id, run, campaign, target, startedAt, status, runStatus, campaignHash },
          ...{ environment: 'staging-3f1c', path: nightPath(day(at + 1)) },
        }),
      ),
    );
  });

  it('is believed by nobody: stale, wrong or deleted, it changes no answer, and the next publish mends it', async () => {
    const { root, history } = await made();
    history.add(day(1));
    await history.publish();
    history.add(day(2));
    expect(history.index()).toBe('stale');
    writeFileSync(join(root, 'index.ndjson'), 'nonsense');
    expect([(await open(root)).nights(), history.index()]).toEqual([[day(1), day(2)], 'stale']);
    await history.publish();
    expect(linesOf(root)).toHaveLength(2);
    rmSync(join(root, 'index.ndjson'));
    expect((await open(root)).nights()).toHaveLength(2);
    expect(history.index()).toBe('missing');
  });

  it('is not written for a damaged history: it would be a list with holes', async () => {
    const { root, history } = await made();
    for (const number of [1, 2]) history.add(day(number));
    await history.publish();
    writeFileSync(join(root, nightPath(day(1))), '');
    await (await open(root)).publish();
    expect(linesOf(root)).toHaveLength(2);
  });
});

describe('what was told, and the quarantine', () => {
  const told = {
    ...OF,
    series: 'shop.order p99 in baseline',
    at: 'n31',
    state: 'confirmed' as const,
    toldIn: 'n40',
  };
  const entry: QuarantineEntry = {
    ...{
      schema: 'gauntlet.quarantine/1',
      ...OF,
      fault: 'kill-pod',
      sli: 'held',
      owner: 'ann',
      reason: 'GW-12',
    },
    ...{ since: '2026-11-01T00:00:00.000Z', until: '2026-11-30T00:00:00.000Z', evidence: ['a', 'b'] },
    lifted: null,
  };

  it('is kept once, however often it is written', async () => {
    const { root, history } = await made();
    history.tell([told, told]);
    history.tell([told]);
    expect((await open(root)).told(OF)).toEqual([{ schema: 'gauntlet.told/1', ...told }]);
    expect(history.told({ campaign: 'other' })).toEqual([]);
  });

  it('has each entry in its latest state', async () => {
    const { root, history } = await made();
    const second = { ...entry, since: '2026-10-01T00:00:00.000Z' };
    const lifted = { ...entry, lifted: { at: '2026-11-20T00:00:00.000Z', passes: ['c'] } };
    for (const one of [entry, lifted, second, entry]) history.putQuarantine(one);
    expect((await open(root)).quarantine(OF)).toEqual([second, lifted]);
  });
});
