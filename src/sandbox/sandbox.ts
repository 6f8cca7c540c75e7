/**
 * The embedded system under test, for callers: start, find, list and stop sandboxes by name. The work is done by the
 * supervisor, a process of its own; a caller that is killed at any moment of this leaves nothing behind.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError, show, usageError } from '../core/errors.ts';
import type { Tools } from '../core/tools.ts';
import type { Places } from '../system/places.ts';
import { isAlive } from '../system/proc.ts';
import { requireGround } from './ground.ts';
import { buryLeftovers } from './leftovers.ts';
import {
  type ProcessIdentity,
  readClaim,
  readState,
  type SandboxPaths,
  type SandboxState,
  sandboxesRoot,
  sandboxPaths,
} from './state.ts';
import { callSupervisor } from './supervisor-line.ts';

export interface StartOptions {
  /** Lower-case letters, digits and dashes, at most 40. */
  readonly name: string;
  readonly places: Places;
  /** Needs redis, java and kafka. */
  readonly tools: Tools;
  /**
   * `caller`: the sandbox ends when this process does, however it ends. `itself`: it goes on without the caller as soon
   * as it is ready, until somebody stops it; before that it ends with the caller as well.
   */
  readonly owner: 'caller' | 'itself';
  readonly progress: (text: string) => void;
  /** Takes back a start that is under way. */
  readonly signal?: AbortSignal;
}

export interface SandboxHandle {
  readonly state: SandboxState;
  /** Resolves when no process and no file of it is left. Idempotent. */
  stop(): Promise<void>;
}

/** Ending all processes takes well below 1 s; the rest is for a machine that is busy. */
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/**
 * Resolves when every part was ready and every address answers (about 8 s).
 * @throws usage for a bad name; unavailable for what is missing or does not start, with the end of its log; refused when
 * a sandbox of this name is at work; interrupted by the signal. Nothing is left behind then.
 */
export async function startSandbox(options: StartOptions): Promise<SandboxHandle> {
  const { name, places, owner, progress, signal } = options;
  checkName(name);
  const root = sandboxesRoot(places);
  const ground = requireGround(options.tools, root);
  // Not only of this name: servers that a dead one left behind hold ports and memory.
  for (const one of folders(root)) buryDead(one, sandboxPaths(root, one));
  const state = await callSupervisor(
    { name, root, ...ground },
    { owner, progress, ...(signal && { signal }) },
  );
  return { state, stop: async () => void (await stopProcesses(state, sandboxPaths(root, name))) };
}

/** The sandbox of this name if it runs and was ready. What a dead one left behind is removed on the way. */
export function findSandbox(name: string, places: Places): SandboxState | undefined {
  checkName(name);
  const paths = sandboxPaths(sandboxesRoot(places), name);
  const state = readState(paths);
  if (state && alive(state.supervisor)) return state;
  buryDead(name, paths);
  return undefined;
}

/** The running sandboxes, by name. */
export function listSandboxes(places: Places): readonly SandboxState[] {
  return folders(sandboxesRoot(places)).flatMap((name) => findSandbox(name, places) ?? []);
}

/**
 * Stops a sandbox, also one that is still starting; `stopped` is false when there was none.
 * @throws unavailable when it is not gone after 10 s.
 */
export async function stopSandbox(name: string, places: Places): Promise<{ readonly stopped: boolean }> {
  checkName(name);
  const paths = sandboxPaths(sandboxesRoot(places), name);
  const claim = readClaim(paths);
  if (!claim || !alive(claim.supervisor)) {
    buryDead(name, paths);
    return { stopped: false };
  }
  await stopProcesses(claim, paths);
  return { stopped: true };
}

async function stopProcesses(
  { supervisor, undertaker }: Pick<SandboxState, 'supervisor' | 'undertaker'>,
  paths: SandboxPaths,
): Promise<void> {
  signalIf(supervisor, 'SIGTERM');
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (alive(supervisor) || alive(undertaker)) {
    const left = deadline - performance.now();
    // Whatever keeps the supervisor: its undertaker does not need it.
    if (left < STOP_TIMEOUT_MS / 2) signalIf(supervisor, 'SIGKILL');
    if (left < 0) {
      const got = `process ${alive(supervisor) ? supervisor.pid : undertaker.pid} still there`;
      const expected = `to be gone after ${STOP_TIMEOUT_MS / 1000} s`;
      throw new GauntletError('unavailable', [{ subject: paths.folder, expected, got }]);
    }
    await sleep(POLL_MS);
  }
}

/** Only what nobody living is at work on. */
function buryDead(name: string, paths: SandboxPaths): void {
  const claim = readClaim(paths);
  if (claim && !alive(claim.supervisor) && !alive(claim.undertaker)) buryLeftovers(name, paths);
}

const alive = ({ pid, startTicks }: ProcessIdentity): boolean => isAlive(pid, startTicks);

function signalIf(identity: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!alive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

function checkName(name: string): void {
  if (NAME.test(name)) return;
  const expected = 'at most 40 lower-case letters, digits and dashes, beginning with a letter or digit';
  throw usageError({ subject: 'sandbox name', expected, got: show(name) });
}

/** The names that may be sandboxes, in order. */
function folders(root: string): readonly string[] {
  try {
    const entries = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return entries
      .map((entry) => entry.name)
      .filter((name) => NAME.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
