/**
 * Every error that a user can cause, as data: the subject, what was expected, what was found, what to do
 * next. The CLI maps a kind to an exit code (verdict.ts); no other code knows exit codes.
 */
import { printable } from './plain.ts';
import { redact } from './secrets.ts';

export type ErrorKind = 'usage' | 'unavailable' | 'defect' | 'refused' | 'interrupted';

/** A place in a user's file: 1-based line and column. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly subject: string;
  readonly expected: string;
  readonly got?: string;
  /** Printed instead of `expected X, got Y`, where that makes no sense. */
  readonly text?: string;
  /** The next step, as a sentence, when there is one that helps. */
  readonly next?: string;
  readonly place?: Place;
}

/**
 * `file:3:5: rate: expected <rule>, got <value>. <next step>` on one line; more lines only for a text that
 * has several.
 */
export function formatProblem(problem: Problem): string {
  const where = problem.place ? `${problem.place.file}:${problem.place.line}:${problem.place.column}: ` : '';
  const got = problem.got === undefined ? '' : `, got ${problem.got}`;
  const next = problem.next === undefined ? '' : ` ${problem.next}`;
  // Part of it may come from a peer: remove control characters, and secrets that the peer echoes.
  const what = problem.text ?? `expected ${problem.expected}${got}`;
  const text = redact(`${where}${problem.subject}: ${what}.${next}`);
  return text.split('\n').map(indented).join('\n').trim();
}

/** Keeps the lines of a log excerpt. None begins in the first column, where CI logs parse commands. */
const indented = (line: string, index: number): string => {
  const text = printable(line);
  return index === 0 || text.startsWith('  ') ? text : `  ${text}`;
};

export class GauntletError extends Error {
  override readonly name = 'GauntletError';
  readonly kind: ErrorKind;
  readonly problems: readonly Problem[];

  /** @param problems all of them at once, never only the first. */
  constructor(kind: ErrorKind, problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join('\n'), options);
    this.kind = kind;
    this.problems = problems;
  }
}

export const usageError = (...problems: readonly Problem[]): GauntletError =>
  new GauntletError('usage', problems);

/** @throws usage with every problem of a file, in the order of its lines; returns when there are none. */
export function throwInFileOrder(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const at = ({ place }: Problem): readonly [number, number] => [place?.line ?? 0, place?.column ?? 0];
  throw usageError(...[...problems].sort((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]));
}

/**
 * Reads all of these, so that a user sees what is wrong with each file at once; the same problem is named
 * once. @throws usage with every problem; the first error of any other kind as it is.
 */
export function readAll<Values extends readonly unknown[]>(
  reads: {
    readonly [Index in keyof Values]: () => Values[Index];
  },
): Values {
  const problems = new Map<string, Problem>();
  const values = reads.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof GauntletError) || error.kind !== 'usage') throw error;
      for (const one of error.problems) problems.set(formatProblem(one), one);
      return undefined;
    }
  });
  if (problems.size > 0) throw usageError(...problems.values());
  return values as unknown as Values;
}

/**
 * A fault that still exists by name and has no effect any more: detected by its effect, not by its object.
 */
export class EffectLost extends GauntletError {}

/** The message of any thrown value, without secrets. */
export const messageOf = (thrown: unknown): string =>
  redact(thrown instanceof Error ? thrown.message : String(thrown));

/** Quotes a value so that a user recognises it in an error. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** For switches that must be exhaustive: adding a case without handling it does not compile. */
export function assertNever(value: never): never {
  throw new GauntletError('defect', [{ subject: 'internal', expected: 'a known case', got: show(value) }]);
}
