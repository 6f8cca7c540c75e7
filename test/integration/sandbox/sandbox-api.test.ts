import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { claimName } from '../../../packages/sandbox/src/reaper/claim-name.ts';
import { freeUnseen } from '../../../src/run/recover/free-holders.ts';
import { type Holder, thisHolder } from '../../../src/system/holder.ts';
import { isAlive } from '../../../src/system/proc.ts';
import { removeLeftovers } from '../../../src/system/sandbox/leftovers.ts';
import { sandboxesRoot, sandboxPaths } from '../../../src/system/sandbox/state.ts';
import {
  findSandbox,
  listSandboxes,
  startSandbox,
  stopSandbox,
} from '../../../src/targets/sandbox/sandbox.ts';
import { defaultSystem } from '../../fakes/topology.ts';
import { endSleepers, sleeper } from './processes.ts';

const state = mkdtempSync(join(tmpdir(), 'gauntlet-sandbox-api-'));
const places = { cache: join(state, 'cache'), state };
afterAll(() => rmSync(state, { recursive: true }));
afterEach(endSleepers);

const dead = { ...thisHolder(), startTicks: '1' };
function write(name: string, supervisor: Holder, reaper: Holder = dead) {
  const paths = sandboxPaths(sandboxesRoot(places), name);
  mkdirSync(paths.logs, { recursive: true });
  const claim = { name, supervisor, reaper, socketFolder: join(state, 'none') };
  writeFileSync(paths.claim, JSON.stringify(claim));
  writeFileSync(
    paths.state,
    JSON.stringify({
      name,
      supervisor,
      reaper,
      system: { name: 'shop', file: '/shop/system.yaml', digest: 'd' },
      probeTopology: { services: [] },
    }),
  );
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
    write('alive', thisHolder());
    expect(findSandbox('alive', places)?.name).toBe('alive');
    expect(listSandboxes(places).map((one) => one.name)).toEqual(['alive']);
    rmSync(sandboxesRoot(places), { recursive: true });
  });

  it('are cleaned up by a command that finds a dead one', () => {
    const paths = write('dead', dead);
    const child = sleeper();
    writeFileSync(paths.processes, `${JSON.stringify(child)}\n`);
    expect(findSandbox('dead', places)).toBeUndefined();
    expect(isAlive(child.pid, child.startTicks)).toBe(false);
    expect(existsSync(paths.folder)).toBe(false);
  });

  describe.each([
    ['another pid namespace', { pidNamespace: 'pid:[1]' }],
    ['another boot', { boot: 'b' }],
    ['an earlier version', { boot: undefined }],
  ])('of %s', (_, other) => {
    const unseen = { ...thisHolder(), startTicks: '1', ...other } as Holder;
    const refusal =
      /^sandbox far: expected one whose processes are visible from here, or none, got .*\. Use it, or stop it, from where it was started\. If it no longer exists: gauntlet recover --force-holder$/;

    it('are neither used nor swept, and nothing of them is signalled', async () => {
      const paths = write('far', unseen, unseen);
      const child = sleeper();
      writeFileSync(paths.processes, `${JSON.stringify(child)}\n`);
      expect(() => findSandbox('far', places)).toThrow(refusal);
      await expect(stopSandbox('far', places)).rejects.toThrow(refusal);
      expect(listSandboxes(places)).toEqual([]);
      removeLeftovers('far', paths);
      await expect(claimName('far', paths)).rejects.toThrow(refusal);
      expect(isAlive(child.pid, child.startTicks)).toBe(true);
      expect(existsSync(paths.state)).toBe(true);
      rmSync(sandboxesRoot(places), { recursive: true });
    });

    it('are removed when the user declares them gone, and processes with the same pids here stay', () => {
      const paths = write('far', unseen, unseen);
      const child = sleeper();
      writeFileSync(paths.processes, `${JSON.stringify(child)}\n`);
      writeFileSync(paths.lock, JSON.stringify({ ...unseen, purpose: 'sandbox far', nonce: 'n' }));
      const lived = write('near', thisHolder());
      expect(freeUnseen(places, undefined)).toEqual([
        expect.stringMatching(/^removed {2}sandbox far, which was held by .*: sandbox far$/),
      ]);
      expect([paths.folder, paths.lock].map(existsSync)).toEqual([false, false]);
      expect(existsSync(lived.folder)).toBe(true);
      expect(isAlive(child.pid, child.startTicks)).toBe(true);
      rmSync(sandboxesRoot(places), { recursive: true });
    });
  });

  const usual = { system: defaultSystem(), places, owner: 'caller', progress: () => undefined } as const;

  it('refuse names that are none, or that lead elsewhere', async () => {
    const expected =
      'sandbox name: expected at most 40 lower-case letters, digits and dashes, beginning with a letter or digit, got';
    expect(() => findSandbox('../etc', places)).toThrow(`${expected} "../etc".`);
    await expect(stopSandbox('Demo', places)).rejects.toThrow(`${expected} "Demo".`);
    const start = startSandbox({ ...usual, name: '', tools: {} });
    await expect(start).rejects.toThrow(`${expected} "".`);
  });

  it('is not started without its tools, and the supervisor says which are missing', async () => {
    const tools = { java: '/nope/java' };
    const start = startSandbox({ ...usual, name: 'bare', tools });
    await expect(start).rejects.toMatchObject({
      kind: 'unavailable',
      message: [
        'kafka: not found. Get it with: gauntlet doctor --fix',
        'redis: not found. Get it with: gauntlet doctor --fix',
      ].join('\n'),
    });
    expect(findSandbox('bare', places)).toBeUndefined();
  });
});
