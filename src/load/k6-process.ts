/**
 * One running k6: its own process group, its samples on a pipe to us, its log in a file. It is certain to
 * end: by SIGINT, then by SIGKILL, and by SIGPIPE when we are gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { GauntletError, messageOf } from '../core/errors.ts';
import { redact } from '../core/secrets.ts';
import type { Ms } from '../core/units.ts';
import { privateText } from '../system/private-text.ts';
import { type ProcessStat, processStat } from '../system/proc.ts';
import type { K6Command } from './k6-command.ts';

export interface K6Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its log. */
  readonly lastLines: readonly string[];
}

export class K6Process {
  readonly pid: number;
  /** Resolves when the process is gone and all its output has been read. */
  readonly exited: Promise<K6Exit>;
  readonly #child: ChildProcess;
  #gone = false;

  private constructor(child: ChildProcess, pid: number, stderrFile: string) {
    this.#child = child;
    this.pid = pid;
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#gone = true;
        hideSecrets(stderrFile);
        resolve({ code, signal, lastLines: lastLines(stderrFile) });
      });
    });
  }

  /**
   * @param stderrFile the file for k6's log.
   * @param onData gets the raw bytes of the sample stream; an exception of it ends k6 and is passed to
   * `onBroken`.
   * @throws GauntletError 'unavailable' when k6 cannot be started.
   */
  static async start(
    command: K6Command,
    stderrFile: string,
    onData: (chunk: Buffer) => void,
    onBroken: (error: unknown) => void,
  ): Promise<K6Process> {
    const texts = (command.texts ?? []).map(privateText);
    const log = openSync(stderrFile, 'w');
    const child = spawn(command.file, [...command.args], {
      detached: true,
      env: { ...command.env },
      ...(command.cwd !== undefined && { cwd: command.cwd }),
      stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', log, ...texts],
    });
    // A k6 that has ended before it read its script says why itself.
    child.stdin?.on('error', () => undefined).end(command.input);
    for (const one of [log, ...texts]) closeSync(one);
    const pid = await started(child, command.file);
    const k6 = new K6Process(child, pid, stderrFile);
    child.stdout?.on('data', (chunk: Buffer) => {
      try {
        onData(chunk);
      } catch (error) {
        child.stdout?.removeAllListeners('data').resume();
        k6.kill();
        onBroken(error);
      }
    });
    return k6;
  }

  /** Current CPU and memory; undefined when the process is gone. */
  usage(): ProcessStat | undefined {
    return processStat(this.pid);
  }

  /**
   * Asks k6 to stop (it interrupts requests in flight and flushes its last samples), and kills it after the
   * bound.
   */
  async stop(bound: Ms): Promise<K6Exit> {
    this.#signal('SIGINT');
    const timer = setTimeout(() => this.kill(), bound);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills the whole process group at once. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  #signal(signal: 'SIGINT' | 'SIGKILL'): void {
    // Once it has been reaped, another process may have the number.
    if (this.#gone || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function started(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const problem = {
        subject: 'k6',
        expected: 'a program that starts',
        got: `${file}: ${messageOf(error)}`,
      };
      reject(
        new GauntletError('unavailable', [{ ...problem, next: 'gauntlet doctor --fix gets one.' }], {
          cause: error,
        }),
      );
    });
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

/**
 * k6 writes its log itself. The log must not be written to the run's folder unredacted: a script may print
 * its input.
 */
function hideSecrets(file: string): void {
  const text = readFileSync(file, 'utf8');
  const shown = redact(text);
  if (shown !== text) writeFileSync(file, shown);
}

/** Only the tail: a script that throws in every iteration can write a long log. */
function lastLines(file: string): string[] {
  const fd = openSync(file, 'r');
  const size = fstatSync(fd).size;
  const tail = Buffer.alloc(Math.min(size, 8192));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  closeSync(fd);
  const lines = tail.toString('utf8').trimEnd().split('\n');
  return lines.filter((line) => line !== '').slice(-5);
}
