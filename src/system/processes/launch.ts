/**
 * Starts a process so that it can never be left behind: its program runs only after another process knows it,
 * in a sandbox its reaper. A shell waits for one line on its stdin and then becomes the program (same pid,
 * same start time). If the starter is killed before it sends that line, the shell reads EOF and exits.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { messageOf } from '../../core/errors.ts';
import { processStat } from '../proc.ts';
import type { ProcessIdentity } from '../sandbox/state.ts';

const GATE = 'read -r go || exit 0; exec "$@"';

export interface Launched {
  readonly identity: ProcessIdentity;
  /** How it ended: `exit 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
}

export interface Command {
  /** Program and arguments; the program keeps its stdin open as long as its starter lives. */
  readonly argv: readonly string[];
  /** Both output streams are appended here. */
  readonly log: string;
  /** A crash file (hs_err_pid.log, a core) is written here, to be removed with the rest. */
  readonly cwd: string;
}

export type Launch = (command: Command) => Promise<Launched>;

/** A process that reads lines on its stdin. */
export interface SpokenTo extends Launched {
  say(line: string): void;
}

export type SpokenLaunch = (command: Command) => Promise<SpokenTo>;

/** @param register resolves when the identity is stored. */
export function gatedLaunch(register: (identity: ProcessIdentity) => Promise<void>): SpokenLaunch {
  return async ({ argv, log, cwd }) => {
    const output = openSync(log, 'a', 0o600);
    let child: ChildProcess;
    try {
      child = spawn('/bin/sh', ['-c', GATE, 'gauntlet-gate', ...argv], {
        stdio: ['pipe', output, output],
        cwd,
      });
    } finally {
      closeSync(output);
    }
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
      child.once('error', (error) => resolve(messageOf(error)));
    });
    child.stdin?.on('error', () => undefined);
    const identity = { pid: child.pid ?? 0, startTicks: processStat(child.pid ?? 0)?.startTicks ?? '0' };
    try {
      if (child.pid !== undefined) await register(identity);
      child.stdin?.write('go\n');
    } catch (error) {
      child.stdin?.end();
      throw error;
    }
    return { identity, ended, say: (line) => void child.stdin?.write(`${line}\n`) };
  };
}
