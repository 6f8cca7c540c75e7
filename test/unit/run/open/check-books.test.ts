import { describe, expect, it } from 'vitest';
import { FakeBooks } from '../../../fakes/fake-books.ts';
import type { Book } from '../../../../src/core/acts/journal-books.ts';
import { checkBooks } from '../../../../src/run/open/check-books.ts';

const entry = (id: string) => ({ id, name: `kill-pod#${id}`, fault: 'kill-pod', undo: null, ttlMs: 1 });

describe('the journals of runs, for who looks at a target', () => {
  it('are none, or one line per run that is never well', async () => {
    const { acts } = new FakeBooks();
    expect(await checkBooks(acts, 't.yaml')).toEqual([
      { ok: true, subject: 'journals of runs', detail: 'none' },
    ]);
    await acts.open('r1', entry('1'));
    await acts.open('r1', entry('2'));
    await acts.open('r2', entry('1'));
    await acts.close('r2', '1', 'as before');
    const next = 'if this run is dead: gauntlet recover --target t.yaml';
    expect(await checkBooks(acts, 't.yaml')).toEqual([
      { ok: false, subject: 'run r1', detail: `open: kill-pod#1, kill-pod#2 (book r1); ${next}` },
      { ok: false, subject: 'run r2', detail: `open: nothing (book r2); ${next}` },
    ]);
  });

  it('are told when they cannot be read', async () => {
    const { acts } = new FakeBooks();
    const damaged: Book = {
      run: 'r',
      identity: 'fake',
      where: 'ConfigMap r in shop',
      open: [],
      damage: 'no head',
    };
    expect(await checkBooks({ ...acts, list: async () => [damaged] }, 't')).toEqual([
      { ok: false, subject: 'run r', detail: 'ConfigMap r in shop cannot be read: no head' },
    ]);
    const list = () => Promise.reject(new Error('connection refused'));
    expect(await checkBooks({ ...acts, list }, 't')).toEqual([
      { ok: false, subject: 'journals of runs', detail: 'connection refused' },
    ]);
  });
});
