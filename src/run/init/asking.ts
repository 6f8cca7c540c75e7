/** Answers that are read as they come: from flags all at once, from a person one after another. */
import { formatProblem, type Problem, usageError } from '../../core/errors.ts';
import type { Read } from './answers.ts';

/** Null: there is no terminal. */
export type Ask = ((question: string) => Promise<string>) | null;
export type Note = (text: string) => void;

export function throwAll(problems: readonly Problem[]): void {
  if (problems.length > 0) throw usageError(...problems);
}

/** Values, or every problem at once. */
export function valuesOf<Value>(reads: readonly Read<Value>[]): readonly Value[] {
  throwAll(reads.flatMap((one) => (one.ok ? [] : [one.problem])));
  return reads.flatMap((one) => (one.ok ? [one.value] : []));
}

/** Until an answer can be read. Undefined: an empty one, without a default. */
export async function askUntil<Value>(
  ask: NonNullable<Ask>,
  note: Note,
  { question, otherwise }: { readonly question: string; readonly otherwise?: string },
  read: (text: string) => Read<Value>,
): Promise<Value | undefined> {
  for (;;) {
    const typed = (await ask(`${question}${otherwise === undefined ? '' : ` [${otherwise}]`}: `)).trim();
    const text = typed === '' ? otherwise : typed;
    if (text === undefined) return undefined;
    const answer = read(text);
    if (answer.ok) return answer.value;
    note(formatProblem(answer.problem));
  }
}
