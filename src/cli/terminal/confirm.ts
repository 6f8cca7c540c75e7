/**
 * The question before an act on a target that is not this machine's own: a person types its name, or gives
 * --yes.
 */
import { GauntletError, usageError } from '../../core/errors.ts';
import type { Question } from '../../run/open/consent.ts';
import type { CliContext } from './context.ts';

/**
 * @throws usage without an answer that agrees; interrupted when the terminal closes or Ctrl-C comes first.
 */
export async function confirm(
  cli: CliContext,
  question: Question | null,
  yes: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (question === null || yes) return;
  const { acts, target } = question;
  if (!cli.interactive) {
    throw usageError({
      subject: `target ${target}`,
      expected: '--yes, because there is no terminal to ask on',
      got: 'no --yes',
      next: `It would ${acts}. Look at it first with --dry-run.`,
    });
  }
  const answer = await typed(`This would ${acts}. Type the target's name to continue: `, signal);
  if (answer.trim() === target) return;
  throw usageError({ subject: 'confirmation', expected: target, got: JSON.stringify(answer) });
}

async function typed(prompt: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<never>((_, reject) => {
      ask.once('close', () => reject(nobodyAnswered()));
      ask.once('SIGINT', () => reject(nobodyAnswered()));
    });
    return await Promise.race([ask.question(prompt, { signal }), closed]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    ask.close();
  }
}

const nobodyAnswered = (): GauntletError =>
  new GauntletError('interrupted', [{ subject: 'confirmation', expected: 'an answer', text: 'no answer' }]);
