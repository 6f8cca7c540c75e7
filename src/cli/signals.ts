/** Ctrl-C and friends as an AbortSignal: the first asks for an orderly end (undo, drain, write), the third leaves at once. */
import { GauntletError } from '../core/errors.ts';
import { ERROR_EXIT } from '../core/verdict.ts';

export interface Interruption {
  readonly signal: AbortSignal;
  /** The name of the signal that came, if one did. */
  caught(): string | null;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** After this many the user means it: the lease keeper, a process of its own, then undoes what is still open. */
const LEAVE_AT = 3;

export function untilSignal(tell: (text: string) => void = () => undefined): Interruption {
  const controller = new AbortController();
  let name: string | null = null;
  let count = 0;
  for (const one of SIGNALS) {
    process.on(one, () => {
      count += 1;
      if (count >= LEAVE_AT) process.exit(ERROR_EXIT.interrupted);
      if (name !== null) {
        tell(
          `${one} again: still undoing. Once more leaves at once; the lease keeper then undoes what is open.`,
        );
        return;
      }
      name = one;
      tell(`${one}: undoing faults and stopping load ...`);
      controller.abort(
        new GauntletError('interrupted', [
          { subject: 'run', expected: 'to end by itself', got: one, next: 'Everything was undone.' },
        ]),
      );
    });
  }
  return { signal: controller.signal, caught: () => name };
}
