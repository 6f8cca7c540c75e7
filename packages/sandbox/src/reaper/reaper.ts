/**
 * The reaper of one sandbox. It holds the name and the loopback subnet. The supervisor registers every
 * process with it before the process runs its program. When the reaper's stdin ends (the supervisor stopped,
 * crashed or was killed), it ends all registered processes and removes every file. For that it needs no help
 * of the supervisor, no setpriv and no cgroup.
 */
import type { Readable, Writable } from 'node:stream';
import { LineReader } from '../../../../src/system/bounded-lines.ts';
import { openLineFile, writeWhole } from '../../../../src/system/durable-file.ts';
import { thisHolder } from '../../../../src/system/holder.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { removeWithLock } from '../../../../src/system/sandbox/leftovers.ts';
import { markOf } from '../../../../src/system/sandbox/marked.ts';
import {
  type ProcessIdentity,
  type SandboxClaim,
  type SandboxPaths,
  sandboxPaths,
} from '../../../../src/system/sandbox/state.ts';
import {
  parseIdentity,
  removeFolder,
  removeGroups,
  sweepMarked,
  sweepProcesses,
} from '../../../../src/system/sandbox/sweep.ts';
import { claimName } from './claim-name.ts';
import type { ReaperConfig, ReaperMessage } from './protocol.ts';
import { claimSubnet } from './subnet.ts';

/**
 * Resolves when stdin has ended and all processes and files are removed.
 * @throws refused when the name is taken, unavailable when no subnet is free; then too, no process and no
 * file is left.
 */
export async function runReaper(config: ReaperConfig, input: Readable, output: Writable): Promise<void> {
  const paths = sandboxPaths(config.root, config.name);
  const name = await claimName(config.name, paths);
  try {
    // The name is free, so the reaper of the earlier sandbox was killed too: its processes may still run.
    removeWithLock(paths);
    const reaper = thisHolder();
    const subnet = await claimSubnet();
    openFolders(paths, {
      name: config.name,
      supervisor: config.supervisor,
      reaper,
      socketFolder: config.socketFolder,
    });
    const say = (message: ReaperMessage): void => void output.write(`${JSON.stringify(message)}\n`);
    say({ kind: 'claimed', subnet: subnet.subnet, reaper });
    const identities: ProcessIdentity[] = [];
    try {
      await register(input, paths, identities, say);
    } finally {
      sweepProcesses(identities);
      sweepMarked(markOf(config.name, config.supervisor));
      removeGroups(paths.groups);
      subnet.release();
    }
  } finally {
    removeFolder(paths.folder);
    removeFolder(config.socketFolder);
    name.release();
  }
}

function openFolders(paths: SandboxPaths, claim: SandboxClaim): void {
  makeFolder(paths.logs, 0o700);
  makeFolder(claim.socketFolder, 0o700);
  writeWhole(paths.claim, JSON.stringify(claim));
}

/**
 * Writes each identity to disk before it confirms it; stops at the end of the input, or when a write fails
 * (then the sandbox must stop).
 */
async function register(
  input: Readable,
  paths: SandboxPaths,
  identities: ProcessIdentity[],
  say: (message: ReaperMessage) => void,
): Promise<void> {
  const file = openLineFile(paths.processes, { fsync: false });
  const reader = new LineReader();
  try {
    for await (const chunk of input) {
      for (const line of reader.push(chunk as Buffer)) {
        const identity = parseIdentity(line);
        if (!identity) continue;
        identities.push(identity);
        file.append(JSON.stringify(identity));
        say({ kind: 'registered', pid: identity.pid });
      }
    }
  } finally {
    file.close();
  }
}
