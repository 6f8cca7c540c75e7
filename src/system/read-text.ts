/** A file that a user named, as text. */
import { readFileSync } from 'node:fs';
import { GauntletError, messageOf } from '../core/errors.ts';
import { environmentProblem } from '../core/system-errors.ts';

/** @throws usage error with the reason, and the fix where there is one. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const next = environmentProblem(error)?.next;
    const problem = { subject: file, expected: 'a readable file', got: messageOf(error) };
    throw new GauntletError('usage', [{ ...problem, ...(next !== undefined && { next }) }], { cause: error });
  }
}
