import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockHolder, tryLock } from '../../../src/system/lock.ts';
import { isAlive, processStat } from '../../../src/system/proc.ts';

const scratch = () => join(mkdtempSync(join(tmpdir(), 'gauntlet-lock-')), 'deep', 'a.lock');

describe('a lock file', () => {
  it('is held by one, and tells the second who has it and why', () => {
    const path = scratch();
    const first = tryLock(path, 'run demo');
    const second = tryLock(path, 'run other');
    expect(first.held).toBe(true);
    expect(second).toEqual({
      held: false,
      holder: { pid: process.pid, startTicks: processStat(process.pid)?.startTicks, purpose: 'run demo' },
    });
    if (first.held) first.release();
    expect(lockHolder(path)).toBeUndefined();
    expect(tryLock(path, 'run other').held).toBe(true);
  });

  it('is taken over from a process that is dead', async () => {
    const path = scratch();
    const mine = tryLock(path, 'x');
    if (mine.held) mine.release();
    const child = spawn('true');
    await new Promise((resolve) => child.on('exit', resolve));
    writeFileSync(path, JSON.stringify({ pid: child.pid, startTicks: '1', purpose: 'gone' }));
    expect(tryLock(path, 'next').held).toBe(true);
  });

  it('is taken over when the pid lives on as another process', () => {
    const path = scratch();
    const mine = tryLock(path, 'x');
    if (mine.held) mine.release();
    writeFileSync(
      path,
      JSON.stringify({ pid: process.pid, startTicks: 'another start', purpose: 'reused pid' }),
    );
    expect(tryLock(path, 'next').held).toBe(true);
  });
});

describe('a process identity', () => {
  it('is pid and start time together', () => {
    const stat = processStat(process.pid);
    expect(stat && isAlive(process.pid, stat.startTicks)).toBe(true);
    expect(isAlive(process.pid, '0')).toBe(false);
    expect(processStat(2 ** 22 + 1)).toBeUndefined();
  });
});
