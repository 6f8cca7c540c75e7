/**
 * Ctrl-C and similar signals as an AbortSignal: the first requests an orderly end (undo, drain, write), the
 * third exits at once. A lost terminal and an uncaught error request the same orderly end.
 */
import { GauntletError, messageOf } from '../../core/errors.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { leave, onTerminalGone } from './output.ts';

export interface Interruption {
  readonly signal: AbortSignal;
  /** The name of the signal that was received, if any. */
  caught(): string | null;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** After this many the user insists: the lease keeper, a separate process, then undoes what is still open. */
const LEAVE_AT = 3;
/** For the orderly end after a defect: removal is proven within a minute, and the load is drained. */
const END_WITHIN_MS = 120_000;
/** A handler that throws at each event would prevent the end. */
const MOST_DEFECTS = 100;

let endAfterDefect: ((error: unknown) => void) | undefined;
const defects: unknown[] = [];

export function untilSignal(tell: (text: string) => void = () => undefined): Interruption {
  const controller = new AbortController();
  let name: string | null = null;
  let count = 0;
  const end = (why: string): void => {
    name = why;
    tell(`${why}: undoing faults and stopping load ...`);
    controller.abort(
      new GauntletError('interrupted', [
        {
          ...{ subject: 'run', expected: 'to end by itself', got: why },
          ...{ text: `interrupted by ${why}`, next: 'Everything was undone.' },
        },
      ]),
    );
  };
  const hangUp = (): void => {
    // A lost terminal is reported by a signal and by each stream: that is one request, not three.
    if (name === null) end('SIGHUP');
  };
  for (const one of SIGNALS) {
    process.on(one, () => {
      if (one === 'SIGHUP') return hangUp();
      count += 1;
      if (count >= LEAVE_AT) leave(ERROR_EXIT.interrupted);
      if (name === null) return end(one);
      tell(
        `${one} again: still undoing. Once more exits at once; the lease keeper then undoes what is open.`,
      );
    });
  }
  onTerminalGone(hangUp);
  endAfterDefect = (error) => {
    const problem = { subject: 'gauntlet', expected: 'no uncaught error', got: messageOf(error) };
    controller.abort(new GauntletError('defect', [problem]));
  };
  return { signal: controller.signal, caught: () => name };
}

/**
 * The last resort for an uncaught error: the current command still undoes and writes everything.
 * @returns false when no command is running: the process may end at once.
 */
export function endInOrder(error: unknown): boolean {
  if (!endAfterDefect || defects.length >= MOST_DEFECTS) return false;
  defects.push(error);
  if (defects.length > 1) return true;
  setTimeout(() => leave(ERROR_EXIT.defect), END_WITHIN_MS).unref();
  endAfterDefect(error);
  return true;
}

/** The first uncaught error while a command was running. */
export const firstDefect = (): unknown => defects[0];
