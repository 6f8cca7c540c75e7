/**
 * Claims the name of a sandbox for this process, which is the last one of the sandbox to exit: after the
 * claim no process of an earlier sandbox of this name runs. It waits for a predecessor that is still cleaning
 * up, and refuses a name that a running sandbox has.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../../../src/core/errors.ts';
import { fateOf } from '../../../../src/system/holder.ts';
import { tryLock } from '../../../../src/system/lock.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { refuseUnseen } from '../../../../src/system/sandbox/holders.ts';
import { readClaim, type SandboxPaths } from '../../../../src/system/sandbox/state.ts';

/** Ending a whole sandbox takes well below a second; sweep.ts has the upper bound. */
const PREDECESSOR_TIMEOUT_MS = 8000;
const POLL_MS = 25;

export interface NameClaim {
  release(): void;
}

/** @throws refused, naming the process that holds the name. */
export async function claimName(name: string, paths: SandboxPaths): Promise<NameClaim> {
  makeFolder(paths.root, 0o700);
  const deadline = performance.now() + PREDECESSOR_TIMEOUT_MS;
  for (;;) {
    refuseUnseen(name, paths);
    const lock = tryLock(paths.lock, `sandbox ${name}`);
    if (lock.held) return lock;
    if (lock.fate === 'unseen') continue;
    const supervisor = readClaim(paths)?.supervisor;
    const ending = supervisor !== undefined && fateOf(supervisor, paths.claim) === 'dead';
    if (!ending || performance.now() > deadline) throw refused(name, supervisor?.pid ?? lock.holder?.pid);
    await sleep(POLL_MS);
  }
}

const refused = (name: string, pid: number | undefined): GauntletError =>
  new GauntletError('refused', [
    {
      subject: `sandbox ${name}`,
      expected: 'no other sandbox of this name',
      got: `one of process ${pid}`,
      next: 'Stop it with gauntlet sandbox down, or choose another name with --name.',
    },
  ]);
