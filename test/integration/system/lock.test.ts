import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thisHolder } from '../../../src/system/holder.ts';
import { lockHolder, tryLock } from '../../../src/system/lock.ts';
import { isAlive, processStat } from '../../../src/system/proc.ts';

const scratch = () => join(mkdtempSync(join(tmpdir(), 'gauntlet-lock-')), 'deep', 'a.lock');

/** A lock file left by another process. */
function left(holder: object): string {
  const path = scratch();
  const mine = tryLock(path, 'x');
  if (mine.held) mine.release();
  writeFileSync(path, JSON.stringify({ ...thisHolder(), purpose: 'gone', nonce: 'n', ...holder }));
  return path;
}

describe('a lock file', () => {
  it('is held by one, and names the holder with place, start and purpose to the second', () => {
    const path = scratch();
    const first = tryLock(path, 'run demo');
    const second = tryLock(path, 'run other');
    expect(first.held).toBe(true);
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    const words = `pid ${process.pid} on host ${holder.host}, since ${holder.since}: run demo`;
    expect(second).toEqual({ held: false, fate: 'alive', holder, words, path });
    expect(lockHolder(path)?.words).toBe(words);
    if (first.held) first.release();
    expect(lockHolder(path)).toBeUndefined();
    expect(tryLock(path, 'run other').held).toBe(true);
    expect(readdirSync(dirname(path))).toEqual(['a.lock']);
  });

  it('is taken over from a process that is dead', async () => {
    const child = spawn('true');
    await new Promise((resolve) => child.on('exit', resolve));
    const path = left({ pid: child.pid, startTicks: '1' });
    expect(tryLock(path, 'next').held).toBe(true);
    expect(lockHolder(path)?.holder?.purpose).toBe('next');
    expect(readdirSync(dirname(path))).toEqual(['a.lock']);
  });

  it('is taken over when the pid belongs to another process now', () => {
    expect(tryLock(left({ startTicks: 'another start' }), 'next').held).toBe(true);
  });

  it.each([
    ['another boot', { boot: 'b', pid: 2 ** 22 + 1 }, /\(another machine or boot, b\), since .*: gone$/],
    [
      'another pid namespace',
      { pidNamespace: 'pid:[1]', startTicks: '1' },
      /\(another pid namespace, pid:\[1\]\)/,
    ],
    ['another time namespace', { timeNamespace: 'time:[1]', startTicks: '1' }, /\(another time namespace, /],
    [
      'an earlier version',
      { boot: undefined, startTicks: '1' },
      /^a holder that did not record where it runs/,
    ],
  ])('of %s is never taken over, by whatever pid', (_, holder, words) => {
    const path = left(holder);
    const before = readFileSync(path, 'utf8');
    expect(tryLock(path, 'next')).toMatchObject({
      held: false,
      fate: 'unseen',
      words: expect.stringMatching(words),
    });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it.each(['', 'null', '7', '{"pid":'])('that holds %j is somebody’s, and stays', (text) => {
    const path = left({});
    writeFileSync(path, text);
    expect(tryLock(path, 'next')).toMatchObject({ held: false, fate: 'unseen' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('of a dead holder is replaced by only one process: the other one finds the new holder', () => {
    const path = left({ startTicks: '1' });
    const dead = readFileSync(path, 'utf8');
    const first = tryLock(path, 'first');
    // The second had read the dead holder before the first replaced it: what it sees again is the first.
    expect(first.held).toBe(true);
    expect(readFileSync(path, 'utf8')).not.toBe(dead);
    expect(tryLock(path, 'second')).toMatchObject({ held: false, holder: { purpose: 'first' } });
  });

  it('shows nothing on a terminal that its file made up', () => {
    const path = left({ purpose: '\u001b]52;c;eA==\u0007run', host: 'a\nb' });
    expect(lockHolder(path)?.words).toMatch(/^pid \d+ on host a\?b, since .*: \?\]52;c;eA==\?run$/);
  });
});

describe('a process identity', () => {
  it('is pid and start time together', () => {
    const stat = processStat(process.pid);
    expect(stat && isAlive(process.pid, stat.startTicks)).toBe(true);
    expect(isAlive(process.pid, '0')).toBe(false);
    expect(processStat(2 ** 22 + 1)).toBeUndefined();
    expect(processStat('self')).toMatchObject({ pid: process.pid, startTicks: stat?.startTicks });
  });
});
