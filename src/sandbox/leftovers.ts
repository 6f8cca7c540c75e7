/**
 * Cleans up behind a sandbox whose undertaker was killed as well: whoever comes by later does its work. The lock of the
 * name is held meanwhile, so that nobody starts into the cleaning.
 */
import { tryLock } from '../system/lock.ts';
import { readClaim, type SandboxPaths } from './state.ts';
import { readIdentities, removeFolder, removeGroups, sweepProcesses } from './sweep.ts';

/** For the holder of the name's lock alone. */
export function buryWithLock(paths: SandboxPaths): void {
  sweepProcesses(readIdentities(paths.processes));
  removeGroups(paths.groups);
  const claim = readClaim(paths);
  if (claim) removeFolder(claim.socketFolder);
  removeFolder(paths.folder);
}

/** Does nothing while a living process has the name: that one cleans, or runs. */
export function buryLeftovers(name: string, paths: SandboxPaths): void {
  const lock = tryLock(paths.lock, `cleaning up sandbox ${name}`);
  if (!lock.held) return;
  try {
    buryWithLock(paths);
  } finally {
    lock.release();
  }
}
