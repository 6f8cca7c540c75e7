import { spawn } from 'node:child_process';
import { setTimeout as settle } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { supervisorControl, type VictimSignal } from '../../../packages/sandbox/src/supervisor/control.ts';
import { Instance } from '../../../packages/sandbox/src/supervisor/instance.ts';
import type { ControlHandler } from '../../../src/system/control-socket.ts';
import { isStopped, processStat } from '../../../src/system/proc.ts';
import type { SandboxState } from '../../../src/system/sandbox/state.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';
import { signalProcess } from '../../support/signal-process.ts';
import { careFor } from '../../unit/sandbox/fakes.ts';

async function rig() {
  const clock = new VirtualClock(0);
  const gateway = careFor(clock);
  const own = { pid: process.pid, startTicks: processStat(process.pid)?.startTicks ?? '' };
  const redis = new Instance(
    { service: 'redis', instance: 'redis-1', argv: [], log: '', cwd: '/', ready: async () => true },
    {
      clock,
      changed: () => undefined,
      launch: async () => ({ identity: own, ended: new Promise(() => undefined) }),
    },
  );
  for (const one of [gateway.instance, redis]) void one.run();
  await clock.advance(0);
  const kill = vi.fn<(pid: number, signal: VictimSignal) => void>();
  const down = vi.fn();
  const askRedis = vi.fn<ControlHandler>(async ({ path }) => ({ asked: path }));
  const state = { name: 'demo' } as SandboxState;
  const handle = supervisorControl({
    instances: () => [gateway.instance, redis],
    state: () => state,
    down,
    kill,
    redis: askRedis,
    stress: async ({ path }) => ({ asked: path }),
    workloads: async () => undefined,
    memory: async ({ path }) => ({ asked: path }),
  });
  const call = (method: string, path: string, body?: unknown): Promise<unknown> =>
    handle({ method, path, body });
  return { call, kill, down, askRedis, own, gateway, clock };
}

describe('the control socket of a supervisor', () => {
  it('lists all instances, or those of one service', async () => {
    const { call } = await rig();
    const all = (await call('GET', '/instances')) as { instance: string }[];
    expect(all.map((one) => one.instance)).toEqual(['gateway-1', 'redis-1']);
    const some = (await call('GET', '/instances?service=redis')) as { instance: string }[];
    expect(some).toEqual([expect.objectContaining({ instance: 'redis-1', stopped: false })]);
  });

  it('says which services there are when it is asked for another', async () => {
    const { call } = await rig();
    await expect(call('GET', '/instances?service=kafka')).rejects.toThrow(
      'service: expected one of gateway, redis, got "kafka".',
    );
  });

  it('reports the lives of a service', async () => {
    const { call, gateway, clock } = await rig();
    gateway.launcher.end();
    await clock.advance(5);
    const lives = (await call('GET', '/lives?service=gateway')) as { pid: number; endedAt: number | null }[];
    expect(lives.map(({ pid, endedAt }) => [pid, endedAt])).toEqual([
      [1001, 0],
      [1002, null],
    ]);
  });

  it('signals the present process of an instance', async () => {
    const { call, kill, own } = await rig();
    const victim = { service: 'redis', instance: 'redis-1', ...own };
    expect(await call('POST', '/signal', { victim, signal: 'SIGSTOP' })).toEqual({ outcome: 'sent' });
    expect(kill.mock.calls).toEqual([[own.pid, 'SIGSTOP']]);
  });

  it('signals no process when pid and start time do not both match, or when the process is not ours', async () => {
    const { call, kill, own } = await rig();
    const other = { service: 'redis', instance: 'redis-1', pid: own.pid, startTicks: '1' };
    expect(await call('POST', '/signal', { victim: other, signal: 'SIGKILL' })).toEqual({ outcome: 'gone' });
    const init = { pid: 1, startTicks: processStat(1)?.startTicks ?? '' };
    expect(await call('POST', '/signal', { victim: { ...other, ...init }, signal: 'SIGKILL' })).toEqual({
      outcome: 'gone',
    });
    expect(kill).not.toHaveBeenCalled();
  });

  it('calls a process gone that ends between the look and the signal', async () => {
    const { call, kill, own } = await rig();
    kill.mockImplementation(() => {
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    });
    const victim = { service: 'redis', instance: 'redis-1', ...own };
    expect(await call('POST', '/signal', { victim, signal: 'SIGKILL' })).toEqual({ outcome: 'gone' });
  });

  it('knows only the signals that faults are made of', async () => {
    const { call, own } = await rig();
    const victim = { service: 'redis', instance: 'redis-1', ...own };
    await expect(call('POST', '/signal', { victim, signal: 'SIGUSR1' })).rejects.toThrow(
      'signal: expected one of SIGKILL, SIGTERM, SIGSTOP, SIGCONT, got "SIGUSR1".',
    );
  });

  it('answers before it goes down', async () => {
    const { call, down } = await rig();
    expect(await call('POST', '/down')).toEqual({ stopping: true });
    expect(down).not.toHaveBeenCalled();
    await new Promise((resolve) => setImmediate(resolve));
    expect(down).toHaveBeenCalledOnce();
  });

  it('hands on what is asked of Redis and of CPUs, and nothing else', async () => {
    const { call, askRedis } = await rig();
    expect(await call('GET', '/redis/config?key=maxclients')).toEqual({
      asked: '/redis/config?key=maxclients',
    });
    expect(await call('GET', '/stress/list')).toEqual({ asked: '/stress/list' });
    expect(await call('GET', '/stressed')).toBeUndefined();
    expect(await call('GET', '/memory/list')).toEqual({ asked: '/memory/list' });
    expect(await call('GET', '/memories')).toBeUndefined();
    await call('GET', '/state');
    expect(askRedis).toHaveBeenCalledTimes(1);
  });

  it('has nothing at other paths', async () => {
    const { call } = await rig();
    expect(await call('GET', '/state')).toEqual({ name: 'demo' });
    expect(await call('DELETE', '/state')).toBeUndefined();
  });
});

describe('a stopped process', () => {
  it('is told by the kernel, for exactly this pid and start time', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    try {
      while (processStat(pid) === undefined) await settle(2);
      const startTicks = processStat(pid)?.startTicks ?? '';
      expect(isStopped(pid, startTicks)).toBe(false);
      signalProcess(pid, 'SIGSTOP');
      while (!isStopped(pid, startTicks)) await settle(2);
      expect(isStopped(pid, '1')).toBe(false);
      signalProcess(pid, 'SIGCONT');
      while (isStopped(pid, startTicks)) await settle(2);
    } finally {
      child.kill('SIGKILL');
    }
    await new Promise((resolve) => child.once('exit', resolve));
    expect(isStopped(pid, processStat(process.pid)?.startTicks ?? '')).toBe(false);
  });
});
