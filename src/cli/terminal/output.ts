/**
 * The two output streams and their failures: a reader that has ended, a full disk, a terminal that is gone.
 * None of these ends a run in the middle; a terminal that is gone is reported to the listener, like its
 * SIGHUP.
 */
import { closeSync } from 'node:fs';

export interface OutputLoss {
  readonly stream: 'stdout' | 'stderr';
  /** EPIPE: its reader has ended, by its own choice. EIO: the terminal is gone. ENOSPC: its disk is full. */
  readonly code: string;
}

const losses: OutputLoss[] = [];
let tellTerminalGone: (() => void) | undefined;

/** Call once, before anything is written. */
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

/** Why standard output is incomplete; undefined when it is complete or its reader chose to end. */
export const lostOutput = (): OutputLoss | undefined =>
  losses.find((one) => one.stream === 'stdout' && one.code !== 'EPIPE');

/**
 * When all that was written has reached the reader, or cannot: a pipe holds 64 KiB, and the end of the process
 * would drop the rest.
 */
export async function drained(): Promise<void> {
  for (const stream of ['stdout', 'stderr'] as const)
    await new Promise<void>((resolve) => process[stream].write('', () => resolve()));
}

/**
 * Ends the process. Node would try to restore the settings of a terminal that is gone, and abort (SIGABRT)
 * when it cannot.
 */
export function leave(exitCode: number): never {
  if (losses.some((one) => one.code === 'EIO')) {
    for (const fd of [0, 1, 2]) {
      try {
        closeSync(fd);
      } catch {
        // Already closed, which is the goal.
      }
    }
  }
  process.exit(exitCode);
}
