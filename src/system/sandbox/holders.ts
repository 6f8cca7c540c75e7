/**
 * The processes that use a sandbox, according to its lock, its claim and its state file. A sandbox whose
 * processes cannot be observed from here (a container, another machine, `unshare -p`) is left exactly as it
 * is: nothing of it is used, signalled or removed.
 */
import { readdirSync } from 'node:fs';
import { GauntletError } from '../../core/errors.ts';
import { type Fate, FREE_UNSEEN, fateOf, sayHolder } from '../holder.ts';
import { lockHolder } from '../lock.ts';
import { readClaim, readState, type SandboxPaths } from './state.ts';

/** @throws refused when the sandbox's holder cannot be observed from here, with how to free it. */
export function refuseUnseen(name: string, paths: SandboxPaths): void {
  const words = unseenHolder(paths);
  if (words === undefined) return;
  throw new GauntletError('refused', [
    {
      subject: `sandbox ${name}`,
      expected: 'one whose processes are visible from here, or none',
      got: words,
      next: `Use it, or stop it, from where it was started. ${FREE_UNSEEN}`,
    },
  ]);
}

/** Undefined: it has no holder, or all its possible holders can be observed. */
export function unseenHolder(paths: SandboxPaths): string | undefined {
  const lock = lockHolder(paths.lock);
  if (lock?.fate === 'unseen') return lock.words;
  const claim = readClaim(paths);
  const found = [readState(paths)?.supervisor, claim?.supervisor, claim?.reaper].filter(
    (one) => one !== undefined,
  );
  const unseen = found.find((one) => fateOf(one, paths.claim) === 'unseen');
  return unseen && sayHolder(unseen);
}

/** The state of all its possible holders; `dead` when there is none. */
export function claimFate(paths: SandboxPaths): Fate {
  const claim = readClaim(paths);
  if (claim === undefined) return unseenHolder(paths) === undefined ? 'dead' : 'unseen';
  if (unseenHolder(paths) !== undefined) return 'unseen';
  const fates = [claim.supervisor, claim.reaper].map((one) => fateOf(one, paths.claim));
  return fates.includes('alive') ? 'alive' : 'dead';
}

export const SANDBOX_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** The names of possible sandboxes, including those with only a lock, in order. */
export function sandboxNames(root: string): readonly string[] {
  try {
    const names = readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
      if (entry.isDirectory()) return [entry.name];
      return entry.name.endsWith('.lock') ? [entry.name.slice(0, -'.lock'.length)] : [];
    });
    return [...new Set(names)].filter((name) => SANDBOX_NAME.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
