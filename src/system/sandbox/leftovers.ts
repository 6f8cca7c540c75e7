/**
 * Cleans up behind a sandbox whose reaper was killed as well: whoever comes by later does its work. The
 * lock of the name is held meanwhile, so that nobody starts into the cleaning.
 */
import { rmSync } from 'node:fs';
import { isHere } from '../holder.ts';
import { lockHolder, tryLock } from '../lock.ts';
import { unseenHolder } from './holders.ts';
import { readClaim, type SandboxPaths } from './state.ts';
import { readIdentities, removeFolder, removeGroups, sweepProcesses } from './sweep.ts';

/** For the holder of the name's lock alone. */
export function removeWithLock(paths: SandboxPaths): void {
  const claim = readClaim(paths);
  // Pids of another place, or of nobody knows where, are other processes here.
  if (isHere(claim?.supervisor)) sweepProcesses(readIdentities(paths.processes));
  removeGroups(paths.groups);
  if (claim) removeFolder(claim.socketFolder);
  removeFolder(paths.folder);
}

/**
 * Does nothing while somebody has the name who lives, or of whom that cannot be told: that one cleans, or
 * runs.
 */
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
 * Removes the files of a sandbox whose holder cannot be seen, because the user says that it is gone. No
 * process is signalled: its pids are others' here. @returns who held it; undefined = it was not such a one,
 * and is left as it is.
 */
export function removeUnseen(paths: SandboxPaths): string | undefined {
  const words = unseenHolder(paths);
  if (words === undefined) return undefined;
  removeWithLock(paths);
  if (lockHolder(paths.lock)?.fate === 'unseen') rmSync(paths.lock, { force: true });
  return words;
}
