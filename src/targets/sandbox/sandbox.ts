/**
 * The embedded system under test, for callers: start, find, list and stop sandboxes by name. The supervisor,
 * a separate process, does the work; a caller that is killed at any moment leaves nothing behind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError, show, usageError } from '../../core/errors.ts';
import type { System } from '../../core/system.ts';
import type { Tools } from '../../core/tools.ts';
import { fateOf, type Holder } from '../../system/holder.ts';
import type { Places } from '../../system/places.ts';
import {
  claimFate,
  refuseUnseen,
  SANDBOX_NAME,
  sandboxNames,
  unseenHolder,
} from '../../system/sandbox/holders.ts';
import { removeLeftovers } from '../../system/sandbox/leftovers.ts';
import {
  readClaim,
  readState,
  requireThisVersion,
  type SandboxPaths,
  type SandboxState,
  sandboxesRoot,
  sandboxPaths,
} from '../../system/sandbox/state.ts';
import { callSupervisor } from './supervisor-line.ts';

export interface StartOptions {
  /** Lower-case letters, digits and dashes, at most 40. */
  readonly name: string;
  readonly places: Places;
  readonly system: System;
  /** Needs those of its system (core/sandbox/processes.ts, partsOf). */
  readonly tools: Tools;
  /**
   * `caller`: the sandbox ends with this process, however that ends. `itself`: once it is ready it continues
   * without the caller until it is stopped; before that it also ends with the caller.
   */
  readonly owner: 'caller' | 'itself';
  readonly progress: (text: string) => void;
  /** Cancels a start in progress. */
  readonly signal?: AbortSignal;
}

export interface SandboxHandle {
  readonly state: SandboxState;
  /** Resolves when none of its processes and files remain. Idempotent. */
  stop(): Promise<void>;
}

/** Ending all processes takes well below 1 s; the rest is for a busy machine. */
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/**
 * Resolves when every part is ready and every address answers (about 8 s).
 * @throws usage for a bad name; unavailable for missing parts or a failed start, with the end of its log;
 * refused when a sandbox of this name is in use; interrupted by the signal. Nothing is left behind then.
 */
export async function startSandbox(options: StartOptions): Promise<SandboxHandle> {
  const { name, places, system, owner, progress, signal } = options;
  checkName(name);
  const root = sandboxesRoot(places);
  // Not only for this name: servers that a dead sandbox left behind hold ports and memory.
  for (const one of sandboxNames(root)) removeDead(one, sandboxPaths(root, one));
  const request = { name, root, system: system.file, tools: options.tools };
  const state = await callSupervisor(request, { owner, progress, ...(signal && { signal }) });
  return { state, stop: async () => void (await stopProcesses(state, sandboxPaths(root, name))) };
}

/**
 * The sandbox of this name if it is running and ready. Removes the remains of a dead one.
 * @throws refused when its processes cannot be observed from here.
 */
export function findSandbox(name: string, places: Places): SandboxState | undefined {
  checkName(name);
  const paths = sandboxPaths(sandboxesRoot(places), name);
  refuseUnseen(name, paths);
  const state = readState(paths);
  if (state && alive(state.supervisor, paths)) {
    requireThisVersion(`sandbox ${name}`, state);
    return state;
  }
  removeDead(name, paths);
  return undefined;
}

/** The running sandboxes that can be observed from here, by name. */
export function listSandboxes(places: Places): readonly SandboxState[] {
  const root = sandboxesRoot(places);
  const seen = sandboxNames(root).filter((name) => unseenHolder(sandboxPaths(root, name)) === undefined);
  return seen.flatMap((name) => findSandbox(name, places) ?? []);
}

/**
 * Stops a sandbox, even one that is still starting; `stopped` is false when there was none.
 * @throws unavailable when it is not gone after 10 s; refused when its processes cannot be observed from
 * here.
 */
export async function stopSandbox(name: string, places: Places): Promise<{ readonly stopped: boolean }> {
  checkName(name);
  const paths = sandboxPaths(sandboxesRoot(places), name);
  refuseUnseen(name, paths);
  const claim = readClaim(paths);
  if (!claim || !alive(claim.supervisor, paths)) {
    removeDead(name, paths);
    return { stopped: false };
  }
  await stopProcesses(claim, paths);
  return { stopped: true };
}

async function stopProcesses(
  { supervisor, reaper }: Pick<SandboxState, 'supervisor' | 'reaper'>,
  paths: SandboxPaths,
): Promise<void> {
  signalIf(supervisor, 'SIGTERM', paths);
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (alive(supervisor, paths) || alive(reaper, paths)) {
    const left = deadline - performance.now();
    // Even if the supervisor hangs: its reaper works without it.
    if (left < STOP_TIMEOUT_MS / 2) signalIf(supervisor, 'SIGKILL', paths);
    if (left < 0) {
      const got = `process ${alive(supervisor, paths) ? supervisor.pid : reaper.pid} still there`;
      const expected = `to be gone after ${STOP_TIMEOUT_MS / 1000} s`;
      throw new GauntletError('unavailable', [{ subject: paths.folder, expected, got }]);
    }
    await sleep(POLL_MS);
  }
}

/** Only a name that is not in use, as far as this can be determined. */
function removeDead(name: string, paths: SandboxPaths): void {
  if (readClaim(paths) && claimFate(paths) === 'dead') removeLeftovers(name, paths);
}

const alive = (one: Holder, paths: SandboxPaths): boolean => fateOf(one, paths.claim) === 'alive';

function signalIf(identity: Holder, signal: 'SIGTERM' | 'SIGKILL', paths: SandboxPaths): void {
  if (!alive(identity, paths)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function checkName(name: string): void {
  if (SANDBOX_NAME.test(name)) return;
  const expected = 'at most 40 lower-case letters, digits and dashes, beginning with a letter or digit';
  throw usageError({ subject: 'sandbox name', expected, got: show(name) });
}
