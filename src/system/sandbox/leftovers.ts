/**
 * Cleans up a sandbox whose reaper was killed too: the next Gauntlet process does its work. It holds
 * the lock of the name meanwhile, so that no sandbox starts during the cleanup.
 */
import { rmSync } from 'node:fs';
import { isHere } from '../holder.ts';
import { lockHolder, tryLock } from '../lock.ts';
import { unseenHolder } from './holders.ts';
import { markOf } from './marked.ts';
import { readClaim, type SandboxPaths } from './state.ts';
import { readIdentities, removeFolder, removeGroups, sweepMarked, sweepProcesses } from './sweep.ts';

/** Only for the holder of the name's lock. */
export function removeWithLock(paths: SandboxPaths): void {
  const claim = readClaim(paths);
  // Pids of another or an unknown place are other processes here.
  if (claim && isHere(claim.supervisor)) {
    sweepProcesses(readIdentities(paths.processes));
    sweepMarked(markOf(claim.name, claim.supervisor));
  }
  removeGroups(paths.groups);
  if (claim) removeFolder(claim.socketFolder);
  removeFolder(paths.folder);
}

/** Does nothing while the name has a holder that is alive, or may be: that holder cleans up, or runs. */
export function removeLeftovers(name: string, paths: SandboxPaths): void {
  if (unseenHolder(paths) !== undefined) return;
  const lock = tryLock(paths.lock, `cleaning up sandbox ${name}`);
  if (!lock.held) return;
  try {
    removeWithLock(paths);
  } finally {
    lock.release();
  }
}

/**
 * Removes the files of a sandbox whose holder cannot be observed, because the user declares that it is gone.
 * Signals no process: its pids belong to other processes here. @returns its holder; undefined = the holder
 * can be observed, and the sandbox is left as it is.
 */
export function removeUnseen(paths: SandboxPaths): string | undefined {
  const words = unseenHolder(paths);
  if (words === undefined) return undefined;
  removeWithLock(paths);
  if (lockHolder(paths.lock)?.fate === 'unseen') rmSync(paths.lock, { force: true });
  return words;
}
