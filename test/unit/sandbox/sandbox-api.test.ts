import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ownIdentity } from '../../../src/sandbox/own-identity.ts';
import { findSandbox, listSandboxes, startSandbox, stopSandbox } from '../../../src/sandbox/sandbox.ts';
import { sandboxesRoot, sandboxPaths } from '../../../src/sandbox/state.ts';
import { isAlive } from '../../../src/system/proc.ts';
import { endSleepers, sleeper } from './processes.ts';

const state = mkdtempSync(join(tmpdir(), 'gauntlet-sandbox-api-'));
const places = { cache: join(state, 'cache'), state };
afterAll(() => rmSync(state, { recursive: true }));
afterEach(endSleepers);

const dead = { pid: process.pid, startTicks: '1' };
function write(name: string, supervisor: { pid: number; startTicks: string }) {
  const paths = sandboxPaths(sandboxesRoot(places), name);
  mkdirSync(paths.logs, { recursive: true });
  const claim = { name, supervisor, undertaker: dead, socketFolder: join(state, 'none') };
  writeFileSync(paths.claim, JSON.stringify(claim));
  writeFileSync(paths.state, JSON.stringify({ name, supervisor, undertaker: dead }));
  return paths;
}

describe('sandboxes by name', () => {
  it('are not there before one was started', async () => {
    expect(findSandbox('nobody', places)).toBeUndefined();
    expect(listSandboxes(places)).toEqual([]);
    expect(await stopSandbox('nobody', places)).toEqual({ stopped: false });
    expect(existsSync(sandboxesRoot(places))).toBe(false);
  });

  it('are found while their supervisor lives', () => {
    write('alive', ownIdentity());
    expect(findSandbox('alive', places)?.name).toBe('alive');
    expect(listSandboxes(places).map((one) => one.name)).toEqual(['alive']);
    rmSync(sandboxesRoot(places), { recursive: true });
  });

  it('are cleaned up by whoever looks for a dead one', () => {
    const paths = write('dead', dead);
    const child = sleeper();
    writeFileSync(paths.processes, `${JSON.stringify(child)}\n`);
    expect(findSandbox('dead', places)).toBeUndefined();
    expect(isAlive(child.pid, child.startTicks)).toBe(false);
    expect(existsSync(paths.folder)).toBe(false);
  });

  it('refuse names that are none, or that lead elsewhere', async () => {
    const expected =
      'sandbox name: expected at most 40 lower-case letters, digits and dashes, beginning with a letter or digit, got';
    expect(() => findSandbox('../etc', places)).toThrow(`${expected} "../etc".`);
    await expect(stopSandbox('Demo', places)).rejects.toThrow(`${expected} "Demo".`);
    const start = startSandbox({ name: '', places, tools: {}, owner: 'caller', progress: () => undefined });
    await expect(start).rejects.toThrow(`${expected} "".`);
  });
});
