/** Why a run ends before its time, and what it was used for before it was there, as errors. */
import { GauntletError } from '../../core/errors.ts';

/** Told already when it is thrown: the story does not report it again. */
export const endedBy = (why: string): GauntletError =>
  new GauntletError('interrupted', [{ subject: 'run', expected: 'to end by itself', got: why }]);

/** @throws defect. */
export function present<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new GauntletError('defect', [
    { subject: 'run', expected: `${what} before it is used`, got: 'nothing' },
  ]);
}
