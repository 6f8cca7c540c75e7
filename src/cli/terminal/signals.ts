/**
 * Ctrl-C and friends as an AbortSignal: the first asks for an orderly end (undo, drain, write), the third leaves at once. A
 * terminal that is gone and an error that nobody caught ask for the same orderly end.
 */
import { GauntletError, messageOf } from '../../core/errors.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { leave, onTerminalGone } from './output.ts';

export interface Interruption {
  readonly signal: AbortSignal;
  /** The name of the signal that came, if one did. */
  caught(): string | null;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** After this many the user means it: the lease keeper, a process of its own, then undoes what is still open. */
const LEAVE_AT = 3;
/** For the orderly end after a defect: removal is proven within a minute, and the load is drained. */
const END_WITHIN_MS = 120_000;
/** A handler that throws at each event would keep the end from coming. */
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
    // A terminal says that it is gone by a signal and by each stream: that is one wish, not three.
    if (name === null) end('SIGHUP');
  };
  for (const one of SIGNALS) {
    process.on(one, () => {
      if (one === 'SIGHUP') return hangUp();
      count += 1;
      if (count >= LEAVE_AT) leave(ERROR_EXIT.interrupted);
      if (name === null) return end(one);
      tell(
        `${one} again: still undoing. Once more leaves at once; the lease keeper then undoes what is open.`,
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
 * The last resort for an error that nobody caught: what is under way is undone and written all the same.
 * @returns false when nothing is under way: the process may end at once.
 */
export function endInOrder(error: unknown): boolean {
  if (!endAfterDefect || defects.length >= MOST_DEFECTS) return false;
  defects.push(error);
  if (defects.length > 1) return true;
  setTimeout(() => leave(ERROR_EXIT.defect), END_WITHIN_MS).unref();
  endAfterDefect(error);
  return true;
}

/** The first error that nobody caught while something was under way. */
export const firstDefect = (): unknown => defects[0];
