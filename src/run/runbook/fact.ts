/** Makes facts of checks: whatever cannot be checked is not so. */
import { formatProblem, GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import type { Fact } from '../../core/runbook.ts';

export const isSo = (subject: string, detail: string): Fact => ({ subject, status: 'ok', detail });

export const isNotSo = (subject: string, detail: string): Fact => ({ subject, status: 'missing', detail });

export const isUnknown = (subject: string, detail: string): Fact => ({
  ...{ subject, status: 'not-checked', detail },
});

/** @param detail what is so when there is no problem. */
export const factOf = (subject: string, problems: readonly Problem[], detail: string): Fact =>
  problems.length === 0 ? isSo(subject, detail) : isNotSo(subject, problems.map(formatProblem).join(' '));

/** @param check returns what is so. */
export async function factBy(subject: string, check: () => Promise<string> | string): Promise<Fact> {
  try {
    return isSo(subject, await check());
  } catch (error) {
    if (error instanceof GauntletError) return factOf(subject, error.problems, '');
    return isNotSo(subject, messageOf(error));
  }
}
