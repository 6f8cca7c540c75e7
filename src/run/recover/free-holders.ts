/**
 * `gauntlet recover --force-holder`: the user declares that holders which cannot be observed from here (a
 * container that is gone, another machine) are dead. What they held is freed; what an observably living
 * process holds never is.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { targetLockPath } from '../../chaos/guards/target-lock.ts';
import { lockHolder } from '../../system/lock.ts';
import type { Places } from '../../system/places.ts';
import { sandboxNames } from '../../system/sandbox/holders.ts';
import { removeUnseen } from '../../system/sandbox/leftovers.ts';
import { sandboxesRoot, sandboxPaths } from '../../system/sandbox/state.ts';

/**
 * @param identity only the part that concerns this target; undefined = all of it, with the locks of the tool
 * cache.
 * @returns a line for people for each thing that was freed.
 */
export function freeUnseen(places: Places, identity: string | undefined): readonly string[] {
  const root = sandboxesRoot(places);
  const names = sandboxNames(root).filter((name) => identity === undefined || identity === `sandbox:${name}`);
  const sandboxes = names.flatMap((name) => {
    const words = removeUnseen(sandboxPaths(root, name));
    return words === undefined ? [] : [`removed  sandbox ${name}, which was held by ${words}`];
  });
  const locks =
    identity === undefined
      ? [...filesIn(join(places.state, 'locks')), ...filesIn(join(places.cache, 'locks'))]
      : [targetLockPath(places, identity)];
  return [...sandboxes, ...locks.flatMap(freeLock)];
}

function freeLock(path: string): readonly string[] {
  const taken = lockHolder(path);
  if (taken?.fate !== 'unseen') return [];
  rmSync(path, { force: true });
  return [`removed  ${path}, which was held by ${taken.words}`];
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.lock'))
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
