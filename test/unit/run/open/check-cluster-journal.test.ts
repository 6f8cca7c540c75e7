import { describe, expect, it } from 'vitest';
import type { RunJournal } from '../../../../src/core/acts/cluster-journal.ts';
import { checkClusterJournal } from '../../../../src/run/open/check-cluster-journal.ts';
import { FakeClusterJournal } from '../../../fakes/fake-cluster-journal.ts';

const entry = (id: string) => ({ id, name: `kill-pod#${id}`, fault: 'kill-pod', undo: null, ttlMs: 1 });

describe('the journals of runs, for who looks at a target', () => {
  it('are none, or one line per run that is never well', async () => {
    const { acts } = new FakeClusterJournal();
    expect(await checkClusterJournal(acts, 't.yaml')).toEqual([
      { ok: true, subject: 'journals of runs', detail: 'none' },
    ]);
    await acts.open('r1', entry('1'));
    await acts.open('r1', entry('2'));
    await acts.open('r2', entry('1'));
    await acts.close('r2', '1', 'as before');
    const next = 'if this run is dead: gauntlet recover --target t.yaml';
    expect(await checkClusterJournal(acts, 't.yaml')).toEqual([
      { ok: false, subject: 'run r1', detail: `open: kill-pod#1, kill-pod#2 (journal r1); ${next}` },
      { ok: false, subject: 'run r2', detail: `open: nothing (journal r2); ${next}` },
    ]);
  });

  it('are told when they cannot be read', async () => {
    const { acts } = new FakeClusterJournal();
    const damaged: RunJournal = {
      run: 'r',
      identity: 'fake',
      where: 'ConfigMap r in shop',
      open: [],
      damage: 'no head',
    };
    expect(await checkClusterJournal({ ...acts, list: async () => [damaged] }, 't')).toEqual([
      { ok: false, subject: 'run r', detail: 'ConfigMap r in shop cannot be read: no head' },
    ]);
    const list = () => Promise.reject(new Error('connection refused'));
    expect(await checkClusterJournal({ ...acts, list }, 't')).toEqual([
      { ok: false, subject: 'journals of runs', detail: 'connection refused' },
    ]);
  });
});
