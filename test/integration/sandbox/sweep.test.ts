import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { thisHolder } from '../../../src/system/holder.ts';
import { tryLock } from '../../../src/system/lock.ts';
import { isAlive } from '../../../src/system/proc.ts';
import { removeLeftovers } from '../../../src/system/sandbox/leftovers.ts';
import { sandboxPaths } from '../../../src/system/sandbox/state.ts';
import { parseIdentity, readIdentities, sweepProcesses } from '../../../src/system/sandbox/sweep.ts';
import { signalProcess } from '../../support/signal-process.ts';
import { endSleepers, sleeper } from './processes.ts';

const root = mkdtempSync(join(tmpdir(), 'gauntlet-sweep-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(endSleepers);

describe('sweeping the processes of a sandbox', () => {
  it('ends every one of them, also one that is stopped, and waits until they are dead', () => {
    const [busy, stopped] = [sleeper(), sleeper()];
    signalProcess(stopped.pid, 'SIGSTOP');
    expect(sweepProcesses([busy, stopped])).toEqual({ killed: 2, unkillable: [] });
    expect([busy, stopped].map(({ pid, startTicks }) => isAlive(pid, startTicks))).toEqual([false, false]);
  });

  it('leaves a process alone that has only the pid of one of ours', () => {
    const other = sleeper();
    const ours = { pid: other.pid, startTicks: String(Number(other.startTicks) - 1) };
    expect(sweepProcesses([ours])).toEqual({ killed: 0, unkillable: [] });
    expect(isAlive(other.pid, other.startTicks)).toBe(true);
  });

  it('passes over lines that a crash cut off, and pids that would name groups of processes', () => {
    const file = join(root, 'processes.ndjson');
    writeFileSync(
      file,
      '{"pid":4242,"startTicks":"7"}\n{"pid":0,"startTicks":"7"}\n{"pid":-1,"startTicks":"7"}\n{"pid":43',
    );
    expect(readIdentities(file)).toEqual([{ pid: 4242, startTicks: '7' }]);
    expect(readIdentities(join(root, 'nowhere'))).toEqual([]);
    expect(parseIdentity('{"pid":1,"startTicks":"7"}')).toBeUndefined();
    expect(parseIdentity('{"pid":12}')).toBeUndefined();
  });
});

describe('what a sandbox left whose reaper was killed too', () => {
  const gone = { ...thisHolder(), startTicks: '1' };
  function leave(name: string) {
    const paths = sandboxPaths(root, name);
    const sockets = join(root, `${name}-sockets`);
    const child = sleeper();
    mkdirSync(paths.logs, { recursive: true });
    mkdirSync(sockets);
    const claim = { name, supervisor: gone, reaper: gone, socketFolder: sockets };
    writeFileSync(paths.claim, JSON.stringify(claim));
    writeFileSync(paths.processes, `${JSON.stringify(child)}\n`);
    return { paths, sockets, child };
  }

  it('is ended and removed by the next command', () => {
    const { paths, sockets, child } = leave('dead');
    removeLeftovers('dead', paths);
    expect(isAlive(child.pid, child.startTicks)).toBe(false);
    expect([paths.folder, sockets, paths.lock].map(existsSync)).toEqual([false, false, false]);
  });

  it('is not touched while a living process has the name', () => {
    const { paths, child } = leave('busy');
    const lock = tryLock(paths.lock, 'sandbox busy');
    removeLeftovers('busy', paths);
    expect(isAlive(child.pid, child.startTicks)).toBe(true);
    expect(existsSync(paths.folder)).toBe(true);
    if (lock.held) lock.release();
  });
});
