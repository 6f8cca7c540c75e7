/**
 * The two output streams, whatever becomes of them: a reader that has seen enough, a full disk, a terminal that is gone. None of
 * these ends a run in the middle; a terminal that is gone is told to whoever asked, as its SIGHUP is.
 */
import { closeSync } from 'node:fs';

export interface OutputLoss {
  readonly stream: 'stdout' | 'stderr';
  /** EPIPE: its reader has ended, which is the reader's choice. EIO: the terminal is gone. ENOSPC: its disk is full. */
  readonly code: string;
}

const losses: OutputLoss[] = [];
let tellTerminalGone: (() => void) | undefined;

/** To be called once, before anything is written. */
export function watchOutput(): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const isTerminal = process[stream].isTTY === true;
    process[stream].on('error', (error: NodeJS.ErrnoException) => {
      if (losses.some((one) => one.stream === stream)) return;
      losses.push({ stream, code: error.code ?? 'an error' });
      if (isTerminal) tellTerminalGone?.();
    });
  }
}

/** @param listener called when a terminal that we write to is gone. */
export function onTerminalGone(listener: () => void): void {
  tellTerminalGone = listener;
  if (losses.some((one) => one.code === 'EIO')) listener();
}

/** Why standard output does not hold what was written to it; undefined when it does or its reader chose to end. */
export const lostOutput = (): OutputLoss | undefined =>
  losses.find((one) => one.stream === 'stdout' && one.code !== 'EPIPE');

/** Ends the process. Of a terminal that is gone Node would want the settings back, and abort (SIGABRT) when it cannot have them. */
export function leave(exitCode: number): never {
  if (losses.some((one) => one.code === 'EIO')) {
    for (const fd of [0, 1, 2]) {
      try {
        closeSync(fd);
      } catch {
        // It is closed already, which is what was wanted.
      }
    }
  }
  process.exit(exitCode);
}
