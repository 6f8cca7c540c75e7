import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appender,
  createJournal,
  type Journal,
  journalIndexFolder,
  openEntries,
  readJournal,
} from '../../../../src/chaos/healing/journal.ts';
import { openElsewhere, recoverAll } from '../../../../src/chaos/healing/recover.ts';
import { thisHolder } from '../../../../src/system/holder.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { DEAD, drive, type Stage, stages } from '../stage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clock = new VirtualClock();
const places = () => ({ cache: folder, state: join(folder, 'state') });
const platform = { platform: 'kubernetes', identity: 'fake' } as const;
const create = (owner = DEAD): Journal =>
  createJournal({
    path: join(folder, 'journal.ndjson'),
    places: places(),
    run: 'r/1',
    platform,
    clock,
    owner,
  });
const entry = (id: string) => ({ id, name: `row ${id}`, fault: 'noop', undo: null, ttlMs: 3000 });
const indexFile = () => join(journalIndexFolder(places()), 'r%2F1.json');

describe('journal', () => {
  it('has an entry on the disk when open returns, and none when it is closed', () => {
    const journal = create();
    journal.open(entry('a'));
    journal.open(entry('b'));
    expect(openEntries(journal.path).map((one) => one.id)).toEqual(['a', 'b']);
    journal.close('a', 'me', 'gone');
    expect(openEntries(journal.path).map((one) => one.id)).toEqual(['b']);
    expect(journal.closedBy('a')).toMatchObject({ holder: 'me', evidence: 'gone', outcome: 'undone' });
  });

  it('is listed while it may be open, and not after a clean end', () => {
    const journal = create();
    expect(existsSync(indexFile())).toBe(true);
    journal.open(entry('a'));
    journal.finish();
    expect(existsSync(indexFile())).toBe(true);
    journal.close('a', 'me', 'gone');
    journal.finish();
    expect(existsSync(indexFile())).toBe(false);
  });

  it('never writes into a journal that is there already', () => {
    const journal = create();
    expect(() => create()).toThrow(
      `journal ${journal.path}: expected a file that does not exist yet, got one.`,
    );
  });

  it('reads the same after being cut anywhere in its last line: an entry is there whole or not at all', () => {
    const journal = create();
    journal.open(entry('a'));
    const whole = readFileSync(journal.path);
    journal.open(entry('b'));
    const size = readFileSync(journal.path).length;
    fc.assert(
      fc.property(fc.integer({ min: whole.length, max: size }), (length) => {
        const copy = join(folder, 'cut.ndjson');
        writeFileSync(copy, readFileSync(journal.path));
        truncateSync(copy, length);
        const ids = openEntries(copy).map((one) => one.id);
        // Without its newline a line can be whole by luck; then it counts, which only means one undo too many.
        expect(ids).toEqual(length >= size - 1 ? ['a', 'b'] : ['a']);
      }),
      { numRuns: 50 },
    );
  });

  it('sees a lease that expires while the entry is being written', () => {
    const path = join(folder, 'journal.ndjson');
    const expire = () => {
      const line = { kind: 'expired', holder: 'k', why: 'silence', at: 1 } as const;
      appender(path, new VirtualClock())(line);
    };
    let isArmed = false;
    // `open` stamps its line between its first look and the write: the keeper is as fast as can be.
    const racing = Object.assign(new VirtualClock(), {
      now: () => {
        if (isArmed) expire();
        return clock.now();
      },
    });
    const journal = createJournal({ path, places: places(), run: 'r', platform, clock: racing, owner: DEAD });
    isArmed = true;
    expect(() => journal.open(entry('a'))).toThrow(
      'lease: expected a living lease, got expired (k: silence).',
    );
  });

  it('goes on after a torn tail: what another process appends stays readable', () => {
    const journal = create();
    journal.open(entry('a'));
    appendFileSync(journal.path, '{"kind":"opened","id":"b","na');
    const at = clock.now();
    appender(
      journal.path,
      clock,
    )({ kind: 'closed', id: 'a', outcome: 'undone', holder: 'k', evidence: 'e', at });
    expect(openEntries(journal.path)).toEqual([]);
    expect(readJournal(journal.path).closed).toHaveLength(1);
  });

  it('does not guess past a damaged line in the middle: something open might be hidden in it', () => {
    const journal = create();
    appendFileSync(journal.path, 'garbage\n');
    journal.close('a', 'me', 'gone');
    expect(() => openEntries(journal.path)).toThrow(`${journal.path}: line 2 is damaged`);
  });
});

describe('recovery of journals', () => {
  const newStage = stages();
  const never = () => Promise.reject(new Error('no such target'));

  it('leaves the journal of a living run alone', async () => {
    const journal = create(thisHolder());
    journal.open(entry('a'));
    expect(await recoverAll({ places: places(), openPlatform: never, clock })).toEqual({
      undone: [],
      residue: [],
    });
    expect(openEntries(journal.path)).toHaveLength(1);
  });

  it('leaves the journal of a run alone that cannot be seen from here, and tells who has it', async () => {
    const owner = { ...DEAD, pidNamespace: 'pid:[1]', host: 'box' };
    const journal = create(owner);
    journal.open(entry('a'));
    const outcome = await recoverAll({ places: places(), openPlatform: never, clock });
    expect(outcome).toEqual({
      undone: [],
      residue: [],
      unseen: [
        {
          run: 'r/1',
          target: 'fake',
          holder: `pid 4194305 on host box (another pid namespace, pid:[1]), since ${owner.since}`,
        },
      ],
    });
    expect(openEntries(journal.path)).toHaveLength(1);
    expect(readdirSync(journalIndexFolder(places()))).toHaveLength(1);
    // Of another target: none of this one's business.
    const other = { places: places(), openPlatform: never, clock, identity: 'sandbox:y' };
    expect((await recoverAll(other)).unseen).toBeUndefined();
    // The user says that it is gone.
    const forced = await recoverAll({ places: places(), openPlatform: never, clock, forceHolder: true });
    expect(forced).toEqual({ undone: [], residue: [expect.objectContaining({ fault: 'row a' })] });
  });

  it('undoes newest first, and tells run, row and evidence', async () => {
    const one = newStage();
    const links = one.world.platform.links;
    const order: string[] = [];
    for (const [id, before] of [
      ['x', []],
      ['y', ['x']],
    ] as const) {
      const undo = { fault: 'throttle-redis', data: { id, before: { 'probe->redis': before } } };
      one.journal.open({ ...entry(id), fault: 'throttle-redis', undo });
      await links?.impair({ id, links: ['probe->redis'], effect: { kind: 'cut' }, ttlMs: 60_000 });
    }
    const heal = async (id: string): Promise<void> => {
      order.push(id);
      await links?.heal(id);
    };
    const acts = links && { ...links, heal };
    const openPlatform = async () => ({ ...one.world.platform, ...(acts && { links: acts }) });
    const outcome = await drive(
      one.clock,
      recoverAll({ places: one.places, openPlatform, clock: one.clock }),
    );
    expect([...new Set(order)]).toEqual(['y', 'x']);
    expect(outcome.residue).toEqual([]);
    expect(outcome.undone).toEqual([
      { run: 'r1', fault: 'row y', evidence: 'y is gone, 1 links as before' },
      { run: 'r1', fault: 'row x', evidence: 'x is gone, 1 links as before' },
    ]);
  });

  it('keeps a target that it cannot reach as residue, and tries again the next time', async () => {
    const one = newStage();
    one.journal.open({ ...entry('a'), undo: { fault: 'noop', data: null } });
    const request = { places: one.places, clock: one.clock };
    const first = await drive(one.clock, recoverAll({ ...request, openPlatform: never }));
    expect(first.residue).toEqual([
      { run: 'r1', fault: 'row a', evidence: 'the target cannot be reached: no such target' },
    ]);
    const openPlatform = async () => one.world.platform;
    const second = await drive(one.clock, recoverAll({ ...request, openPlatform }));
    expect(second).toMatchObject({ undone: [{ fault: 'row a' }], residue: [] });
  });

  it.each([
    ['its state file is gone', undefined, /^sandbox:x is torn down \(.*sandbox\.json is gone\)$/],
    [
      'its supervisor is dead',
      DEAD,
      /^sandbox:x is gone: its supervisor \(pid 4194305 on host .*, since .*\) is dead, its proxies end with it$/,
    ],
  ])('counts a sandbox as undone when %s', async (_, supervisor, evidence) => {
    const stateFile = join(folder, 'sandbox.json');
    if (supervisor) writeFileSync(stateFile, JSON.stringify({ supervisor }));
    const handle = { platform: 'sandbox', identity: 'sandbox:x', stateFile } as const;
    const path = join(folder, 'journal.ndjson');
    const journal = createJournal({ path, places: places(), run: 'r', platform: handle, clock, owner: DEAD });
    journal.open({ ...entry('a'), undo: { fault: 'noop', data: null } });
    const outcome = await recoverAll({ places: places(), openPlatform: never, clock });
    expect(outcome.residue).toEqual([]);
    expect(outcome.undone[0]?.evidence).toMatch(evidence);
  });

  it('says so when a journal was deleted: what it had open is not known', async () => {
    const journal = create();
    rmSync(journal.path);
    const outcome = await recoverAll({ places: places(), openPlatform: never, clock });
    expect(outcome.residue).toEqual([
      {
        run: 'r/1',
        fault: 'journal',
        evidence: `${journal.path} was deleted: what this run left open is unknown. Check the target, then delete ${indexFile()}`,
      },
    ]);
  });

  it('undoes for a run what is open on its own target, and tells what is open on others with both names', async () => {
    const journal = create();
    journal.open({ ...entry('a'), undo: { fault: 'noop', data: null } });
    const identity = 'sandbox:mine';
    const request = { places: places(), openPlatform: never, clock };
    expect(openElsewhere(places(), identity)).toEqual([
      { run: 'r/1', identity: platform.identity, open: [entry('a').name] },
    ]);
    expect(await recoverAll({ ...request, identity })).toEqual({ undone: [], residue: [] });
    expect(existsSync(indexFile())).toBe(true);
    expect(openElsewhere(places(), platform.identity)).toEqual([]);
    journal.close('a', 'test', 'gone');
    expect(openElsewhere(places(), identity)).toEqual([]);
  });

  it('knows whose a deleted journal was: it refuses a run on that target and on no other', async () => {
    const journal = create();
    rmSync(journal.path);
    const request = { places: places(), openPlatform: never, clock };
    expect(await recoverAll({ ...request, identity: 'sandbox:mine' })).toEqual({ undone: [], residue: [] });
    expect(openElsewhere(places(), 'sandbox:mine')).toEqual([
      { run: 'r/1', identity: platform.identity, open: null },
    ]);
    expect((await recoverAll({ ...request, identity: platform.identity })).residue).toHaveLength(1);
    // A journal of an older version has no holder: recovery treats it as unseen.
    const { identity: _, ...older } = JSON.parse(readFileSync(indexFile(), 'utf8')) as { identity: string };
    writeFileSync(indexFile(), JSON.stringify(older));
    expect((await recoverAll({ ...request, identity: 'sandbox:mine' })).residue).toHaveLength(1);
  });

  it('keeps an entry of a fault that this version does not know', async () => {
    const one = newStage();
    one.journal.open({ ...entry('a'), fault: 'melt', undo: { fault: 'melt', data: null } });
    const request = { places: one.places, clock: one.clock, openPlatform: async () => one.world.platform };
    const outcome = await drive(one.clock, recoverAll(request));
    expect(outcome.residue[0]?.evidence).toBe('this version of Gauntlet has no fault melt');
  });

  describe('that others wrote', () => {
    const CUT = { fault: 'cut-link', undo: { fault: 'cut-link', data: { id: 'x', before: {} } } } as const;
    const recovered = async (one: Stage, tell?: (text: string) => void) => {
      const openPlatform = async () => one.world.platform;
      const request = { places: one.places, clock: one.clock, openPlatform, ...(tell && { tell }) };
      return await drive(one.clock, recoverAll(request));
    };
    const rewrite = (one: Stage, change: (head: Record<string, unknown>) => void): void => {
      const [head = '', ...rest] = readFileSync(one.journal.path, 'utf8').split('\n');
      const line = JSON.parse(head) as Record<string, unknown>;
      change(line);
      writeFileSync(one.journal.path, [JSON.stringify(line), ...rest].join('\n'));
    };

    it('names its schema in the first line, and is undone', async () => {
      const one = newStage();
      one.journal.open({ ...entry('a'), ...CUT });
      expect(readJournal(one.journal.path).header.schema).toBe('gauntlet.journal/1');
      expect(await recovered(one)).toMatchObject({ undone: [{ fault: 'row a' }], residue: [] });
    });

    it('is undone without a schema name too, as earlier versions wrote it, and says so', async () => {
      const one = newStage();
      one.journal.open({ ...entry('a'), ...CUT });
      rewrite(one, (head) => delete head['schema']);
      const told: string[] = [];
      const outcome = await recovered(one, (text) => told.push(text));
      expect(outcome).toMatchObject({ undone: [{ fault: 'row a' }], residue: [] });
      expect(told).toEqual([
        'the journal of run r1 is of an earlier version: its undo is tried as far as it can be read',
      ]);
    });

    it('is left alone when a later version wrote it, with the names of both', async () => {
      const one = newStage();
      one.journal.open({ ...entry('a'), ...CUT });
      rewrite(one, (head) => {
        head['schema'] = 'gauntlet.journal/2';
      });
      const { undone, residue } = await recovered(one);
      expect(undone).toEqual([]);
      expect(residue[0]?.evidence).toContain(
        `${one.journal.path}: line 1 cannot be read: its schema is gauntlet.journal/2, and this version reads gauntlet.journal/1: use the version that wrote it`,
      );
      expect(one.target.acts).toEqual([]);
    });

    it.each([
      [
        'undo data that is not what its fault wrote',
        { fault: 'cut-link', data: { id: 'x', before: [] } },
        'this version cannot read the undo data of cut-link (before: expected record, received array): ' +
          'use the version that wrote it, or check the target',
      ],
      [
        'an id that could be anything',
        { fault: 'cut-link', data: { id: '../x', before: {} } },
        'this version cannot read the undo data of cut-link (id: expected lower-case letters, digits and -, at most 120): ' +
          'use the version that wrote it, or check the target',
      ],
      [
        'the undo of another fault',
        { fault: 'redis-pause', data: { id: 'x', before: [] } },
        'its undo belongs to redis-pause and its entry to cut-link: Gauntlet did not write it',
      ],
    ])('never acts on %s', async (_, undo, evidence) => {
      const one = newStage();
      one.journal.open({ ...entry('a'), fault: 'cut-link', undo });
      const outcome = await recovered(one);
      expect(outcome).toEqual({ undone: [], residue: [{ run: 'r1', fault: 'row a', evidence }] });
      expect(one.target.acts).toEqual([]);
    });

    it('never sets what is no setting of a fault, whatever a journal says', async () => {
      const one = newStage();
      const data = { identity: 'x', key: 'requirepass', from: '1', to: '2', evictedKeys: 0 };
      one.journal.open({
        ...entry('a'),
        fault: 'redis-maxmemory',
        undo: { fault: 'redis-maxmemory', data },
      });
      const { undone, residue } = await recovered(one);
      expect(undone).toEqual([]);
      expect(residue[0]?.evidence).toMatch(
        /^this version cannot read the undo data of redis-maxmemory \(key: /,
      );
      expect(one.target.acts).toEqual([]);
    });
  });
});
