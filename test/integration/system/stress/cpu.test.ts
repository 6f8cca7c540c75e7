/** What the kernel says of a real process of our own; needs /proc, as everything here does. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { cpusOf, moveThreads, tasksetVersion } from '../../../../src/system/stress/cpu-affinity.ts';
import { CpuMeter, cpuTimes, threadsOf } from '../../../../src/system/stress/cpu-times.ts';

const canMove = availableParallelism() > 1 && (await tasksetVersion()) !== undefined;
const NOBODY = 2 ** 22 + 1;

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A Node process: it has several threads. Told a line, it works for 30 ms in a thread that then ends. */
async function several() {
  const program = `const { Worker } = require('node:worker_threads');
    const work = 'const end = performance.now() + 30; while (performance.now() < end);';
    process.stdin.on('data', () => new Worker(work, { eval: true }).on('exit', () => console.log('done')));
    console.log('up');`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  const said = (): Promise<unknown> => new Promise((resolve) => child.stdout.once('data', resolve));
  await said();
  const work = async (): Promise<void> => {
    child.stdin.write('work\n');
    await said();
  };
  return { pid: child.pid ?? 0, work };
}

describe('the CPU times of a process', () => {
  it('keep what a thread had used that ended between two readings', async () => {
    const { pid, work } = await several();
    const meter = new CpuMeter(pid);
    let last = meter.read()?.cpuMs ?? 0;
    const working = work();
    let ended = false;
    void working.then(() => {
      ended = true;
    });
    while (!ended) {
      const now = meter.read()?.cpuMs ?? 0;
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
      await settle(1);
    }
    const whole = meter.read()?.cpuMs ?? 0;
    expect(whole).toBeGreaterThanOrEqual(last);
    // The thread is gone, and with it a good part of the sum that /proc shows.
    expect(whole - (cpuTimes(pid)?.cpuMs ?? 0)).toBeGreaterThan(10);
  });

  it('are undefined when there is no such process', () => {
    expect(cpuTimes(NOBODY)).toBeUndefined();
    expect(threadsOf(NOBODY)).toEqual([]);
    expect(cpusOf(NOBODY)).toBeUndefined();
  });
});

describe.runIf(canMove)('the CPUs of a process', () => {
  it('are set for all of its threads, and for a process that is gone there is nothing to do', async () => {
    const { pid } = await several();
    const usual = cpusOf(pid) ?? '';
    const one = /^\d+/.exec(usual)?.[0] ?? '';
    expect(threadsOf(pid).length).toBeGreaterThan(1);
    await moveThreads(pid, usual, one);
    expect(cpusOf(pid)).toBe(one);
    await moveThreads(pid, one, usual);
    expect(cpusOf(pid)).toBe(usual);
    await moveThreads(NOBODY, usual, one);
  });

  it('are left to the threads that are somewhere else, and differ then', async () => {
    const { pid } = await several();
    const usual = cpusOf(pid) ?? '';
    const [first, last] = [/^\d+/.exec(usual)?.[0] ?? '', /\d+$/.exec(usual)?.[0] ?? ''];
    // Somebody else's hand, on one thread alone.
    const [, other] = threadsOf(pid);
    execFileSync('taskset', ['-c', '-p', last, String(other)]);
    await moveThreads(pid, usual, first);
    expect(cpusOf(pid)).toBeNull();
    await moveThreads(pid, first, usual);
    expect(cpusOf(pid)).toBeNull();
    await moveThreads(pid, last, usual);
    expect(cpusOf(pid)).toBe(usual);
  });

  it('cannot be those that the machine does not have: that is an error with the words of taskset', async () => {
    const { pid } = await several();
    const usual = cpusOf(pid) ?? '';
    await expect(moveThreads(pid, usual, '1023')).rejects.toThrow(
      new RegExp(`^threads of process ${pid} stay on CPU ${usual}: .*taskset`),
    );
    expect(cpusOf(pid)).toBe(usual);
  });
});
