import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../../../src/system/proc.ts';
import { gatedLaunch } from '../../../../src/system/processes/launch.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';
import { signalProcess } from '../../../support/signal-process.ts';

const cwd = mkdtempSync(join(tmpdir(), 'gauntlet-launch-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const log = join(cwd, 'log');

describe('a gated launch', () => {
  it('runs the program only after its process was registered, in the same process', async () => {
    const order: string[] = [];
    let release: () => void = () => undefined;
    const registered: ProcessIdentity[] = [];
    const launch = gatedLaunch(async (identity) => {
      registered.push(identity);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push(`registered, log: "${readFileSync(log, 'utf8')}"`);
    });
    const launching = launch({ argv: ['/bin/sh', '-c', 'echo "ran as $$"'], log, cwd });
    expect(isAlive(registered[0]?.pid ?? 0, registered[0]?.startTicks ?? '')).toBe(true);
    release();
    const { identity, ended } = await launching;
    expect(await ended).toBe('exit 0');
    expect(order).toEqual(['registered, log: ""']);
    expect(identity).toEqual(registered[0]);
    expect(readFileSync(log, 'utf8')).toBe(`ran as ${identity.pid}\n`);
  });

  it('never runs a program that could not be registered', async () => {
    rmSync(log, { force: true });
    const seen: ProcessIdentity[] = [];
    const launch = gatedLaunch(async (identity) => {
      seen.push(identity);
      throw new Error('no reaper');
    });
    await expect(launch({ argv: ['/bin/sh', '-c', 'echo ran'], log, cwd })).rejects.toThrow('no reaper');
    const { pid, startTicks } = seen[0] ?? { pid: 0, startTicks: '' };
    while (isAlive(pid, startTicks)) await new Promise((resolve) => setImmediate(resolve));
    expect(readFileSync(log, 'utf8')).toBe('');
  });

  it('says how a process ended, by code or by signal', async () => {
    const launch = gatedLaunch(async () => undefined);
    const code = await launch({ argv: ['/bin/sh', '-c', 'exit 3'], log, cwd });
    const killed = await launch({ argv: ['sleep', '60'], log, cwd });
    signalProcess(killed.identity.pid, 'SIGKILL');
    expect([await code.ended, await killed.ended]).toEqual(['exit 3', 'SIGKILL']);
  });

  it('reports a program that is not there in its log and its end', async () => {
    rmSync(log, { force: true });
    const { ended } = await gatedLaunch(async () => undefined)({ argv: ['/no/such/java'], log, cwd });
    expect(await ended).toBe('exit 127');
    expect(readFileSync(log, 'utf8')).toContain('/no/such/java');
  });
});
