/**
 * Takes the name of a sandbox for this process, the last of the sandbox to die: whoever gets the name finds nothing of
 * an earlier one at work. A predecessor that is still cleaning up is waited for; a living sandbox is refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../../../src/core/errors.ts';
import { fateOf } from '../../../../src/system/holder.ts';
import { tryLock } from '../../../../src/system/lock.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { refuseUnseen } from '../../../../src/system/sandbox/holders.ts';
import { readClaim, type SandboxPaths } from '../../../../src/system/sandbox/state.ts';

/** Ending a whole sandbox takes well below a second; see sweep.ts for the longest. */
const PREDECESSOR_TIMEOUT_MS = 8000;
const POLL_MS = 25;

export interface NameClaim {
  release(): void;
}

/** @throws refused, naming the process that has it. */
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
