import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ReaperMessage } from '../../../packages/sandbox/src/reaper/protocol.ts';
import { runReaper } from '../../../packages/sandbox/src/reaper/reaper.ts';
import { claimSubnet } from '../../../packages/sandbox/src/reaper/subnet.ts';
import { type Holder, thisHolder } from '../../../src/system/holder.ts';
import { isAlive } from '../../../src/system/proc.ts';
import { type ProcessIdentity, sandboxPaths } from '../../../src/system/sandbox/state.ts';
import { endSleepers, sleeper } from './processes.ts';

const root = mkdtempSync(join(tmpdir(), 'gauntlet-reaper-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(endSleepers);

function hire(name: string, supervisor: Holder = thisHolder()) {
  const input = new PassThrough();
  const output = new PassThrough();
  const messages: ReaperMessage[] = [];
  const waiters: (() => void)[] = [];
  output.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trimEnd().split('\n')) messages.push(JSON.parse(line));
    for (const wake of waiters.splice(0)) wake();
  });
  const said = async (count: number): Promise<void> => {
    while (messages.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  const socketFolder = join(root, `${name}-sockets`);
  const done = runReaper({ name, root, supervisor, socketFolder }, input, output);
  return { input, messages, said, done, socketFolder, paths: sandboxPaths(root, name) };
}

const living = ({ pid, startTicks }: ProcessIdentity): boolean => isAlive(pid, startTicks);

describe('the reaper of a sandbox', () => {
  it('writes each process down before it confirms it', async () => {
    const { input, messages, said, done, paths } = hire('demo');
    const child = sleeper();
    await said(1);
    input.write(`${JSON.stringify(child)}\n`);
    await said(2);
    expect(messages[1]).toEqual({ kind: 'registered', pid: child.pid });
    expect(readFileSync(paths.processes, 'utf8')).toBe(`${JSON.stringify(child)}\n`);
    input.end();
    await done;
  });

  it('ends every process and removes every file when its stdin ends', async () => {
    const { input, said, done, paths, socketFolder } = hire('demo');
    const children = [sleeper(), sleeper()];
    await said(1);
    writeFileSync(join(paths.folder, 'sandbox.json'), '{}');
    input.write(children.map((child) => `${JSON.stringify(child)}\n`).join(''));
    await said(3);
    expect([paths.folder, socketFolder, paths.lock].map(existsSync)).toEqual([true, true, true]);
    input.end();
    await done;
    expect(children.map(living)).toEqual([false, false]);
    expect([paths.folder, socketFolder, paths.lock].map(existsSync)).toEqual([false, false, false]);
  });

  it('ends them as well when it cannot go on', async () => {
    const { input, said, done } = hire('demo');
    const child = sleeper();
    await said(1);
    input.write(`${JSON.stringify(child)}\n`);
    await said(2);
    input.destroy(new Error('the pipe broke'));
    await expect(done).rejects.toThrow('the pipe broke');
    expect(living(child)).toBe(false);
  });

  it('keeps what it opens to its own user', async () => {
    const { input, said, done, paths, socketFolder } = hire('demo');
    await said(1);
    expect([paths.folder, socketFolder].map((path) => statSync(path).mode & 0o077)).toEqual([0, 0]);
    input.end();
    await done;
  });

  it('refuses a name at which another sandbox is alive, and says whose it is', async () => {
    const first = hire('demo');
    await first.said(1);
    const second = hire('demo');
    await expect(second.done).rejects.toThrow(
      `sandbox demo: expected no other sandbox of this name, got one of process ${process.pid}. ` +
        'Stop it with gauntlet sandbox down, or choose another name with --name.',
    );
    expect(existsSync(first.paths.folder)).toBe(true);
    first.input.end();
    await first.done;
  });

  it('waits for a predecessor that is still cleaning up, and then takes the name', async () => {
    const dead = { ...thisHolder(), startTicks: '1' };
    const first = hire('demo', dead);
    await first.said(1);
    const second = hire('demo');
    first.input.end();
    await first.done;
    await second.said(1);
    expect(second.messages[0]?.kind).toBe('claimed');
    second.input.end();
    await second.done;
  });

  it('gives two sandboxes two subnets, and a third one the subnet of the first when that is gone', async () => {
    const [first, second] = [await claimSubnet(), await claimSubnet()];
    expect(second.subnet).toBeGreaterThan(first.subnet);
    first.release();
    const third = await claimSubnet();
    expect(third.subnet).toBe(first.subnet);
    for (const one of [second, third]) one.release();
  });
});
