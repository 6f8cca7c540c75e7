/** What the sandbox tests share: real tools, folders of their own, a caller that can be killed, and a look at what is left. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import type { Tools } from '../../../src/core/tools.ts';
import { type Places, placesFrom } from '../../../src/system/places.ts';
import { isAlive } from '../../../src/system/proc.ts';
import { programPath } from '../../../src/system/project.ts';
import {
  type ProcessIdentity,
  readClaim,
  type SandboxState,
  sandboxesRoot,
  sandboxPaths,
} from '../../../src/system/sandbox/state.ts';
import { readIdentities } from '../../../src/system/sandbox/sweep.ts';
import { requireParts } from '../../../src/system/toolchain/parts.ts';
import { type SandboxHandle, startSandbox } from '../../../src/targets/sandbox/sandbox.ts';
import { defaultSystem } from '../../fakes/topology.ts';

export interface TestBed {
  readonly places: Places;
  readonly tools: Tools;
  remove(): void;
}

/** Without the tools a suite fails with what to type: a skipped proof would look like a green one. */
export async function makeTestBed(): Promise<TestBed> {
  const { cache } = placesFrom(process.env);
  const state = mkdtempSync(join(tmpdir(), 'gauntlet-e2e-'));
  const places = { cache, state };
  const tools = await requireParts(['redis', 'java', 'kafka'], {
    places,
    env: process.env,
    progress: () => undefined,
  });
  return { places, tools, remove: () => rmSync(state, { recursive: true, force: true }) };
}

/** The sandbox that the target file `sandbox` means, from before the first test of a file to after its last. */
export function usualSandbox(): { readonly testBed: TestBed; readonly sandbox: SandboxHandle } {
  let running: { readonly testBed: TestBed; readonly sandbox: SandboxHandle } | undefined;
  beforeAll(async () => {
    const testBed = await makeTestBed();
    const { places, tools } = testBed;
    const options = { name: 'default', system: defaultSystem(), places, tools, owner: 'caller' } as const;
    running = { testBed, sandbox: await startSandbox({ ...options, progress: () => undefined }) };
  });
  afterAll(async () => {
    await running?.sandbox.stop();
    running?.testBed.remove();
  });
  const now = () => {
    if (!running) throw new Error('the sandbox is started before the first test');
    return running;
  };
  return {
    get testBed() {
      return now().testBed;
    },
    get sandbox() {
      return now().sandbox;
    },
  };
}

/** Every process of a sandbox, as it is written down right now. */
export function processesOf(places: Places, name: string): readonly ProcessIdentity[] {
  const paths = sandboxPaths(sandboxesRoot(places), name);
  const claim = readClaim(paths);
  return [...(claim ? [claim.supervisor, claim.reaper] : []), ...readIdentities(paths.processes)];
}

export const livingOf = (identities: readonly ProcessIdentity[]): readonly ProcessIdentity[] =>
  identities.filter((one) => isAlive(one.pid, one.startTicks));

/** What a sandbox would leave in its state folder. */
export function filesOf(places: Places, name: string): readonly string[] {
  const root = sandboxesRoot(places);
  return existsSync(root) ? readdirSync(root).filter((entry) => entry.startsWith(name)) : [];
}

/** Milliseconds until it is true, or undefined when it is not within the time. */
export async function millisecondsUntil(
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<number | undefined> {
  const began = performance.now();
  while (performance.now() - began < timeoutMs) {
    if (await isTrue()) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

/** A caller in a process of its own, so that it can be killed. */
export interface Caller {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ready: Promise<SandboxState>;
  readonly ended: Promise<void>;
}

export function callerOf(testBed: TestBed, name: string, owner: 'caller' | 'itself'): Caller {
  const module = pathToFileURL(programPath('src/targets/sandbox/sandbox')).href;
  const options = JSON.stringify({
    name,
    system: defaultSystem(),
    places: testBed.places,
    tools: testBed.tools,
    owner,
  });
  const source = `
    import { startSandbox } from ${JSON.stringify(module)};
    const handle = await startSandbox({ ...${options}, progress: () => undefined });
    process.stdout.write(JSON.stringify(handle.state) + '\\n');
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = new Promise<SandboxState>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    void ended.then(() => reject(new Error(`the caller ended: ${stderr}`)));
  });
  ready.catch(() => undefined);
  return { process: child, ready, ended };
}
