/**
 * Asks the sandbox's toolchain, a program of packages/sandbox, for its parts. It prints JSON, one line each:
 * progress, then one answer or one error. It ends with its stdin, so that it does not continue building for a
 * caller that is gone.
 */
import { spawn } from 'node:child_process';
import { type ErrorKind, GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import type { PartReport, SandboxPart, Tools } from '../../core/tools.ts';
import { readStreamLines } from '../bounded-lines.ts';
import type { Places } from '../places.ts';
import { requireProgram } from '../project.ts';
import type { ToolContext } from './part.ts';

export interface RequiredParts {
  readonly tools: Pick<Tools, SandboxPart>;
  /** For each part that is missing. */
  readonly problems: Readonly<Partial<Record<SandboxPart, readonly Problem[]>>>;
}

interface Answers {
  inspect: readonly PartReport[];
  fix: readonly PartReport[];
  require: RequiredParts;
}
export type PartsVerb = keyof Answers;

/** argv[2] of the program; it looks for programs in its own environment. */
export interface PartsQuestion {
  readonly verb: PartsVerb;
  readonly names: readonly SandboxPart[];
  readonly places: Places;
}

/** stdout of the program. */
export type PartsMessage =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'answer'; readonly answer: Answers[PartsVerb] }
  | { readonly kind: 'failed'; readonly error: ErrorKind; readonly problems: readonly Problem[] };

/** Its stderr, which is empty unless it crashed. */
const STDERR_KEPT = 2000;

/** @throws the program's own error; unavailable when it ends without an answer. */
export async function askSandboxParts<Verb extends PartsVerb>(
  verb: Verb,
  names: readonly SandboxPart[],
  { places, env, progress }: ToolContext,
): Promise<Answers[Verb]> {
  const question: PartsQuestion = { verb, names, places };
  const program = requireProgram('packages/sandbox/src/toolchain/main');
  const child = spawn(process.execPath, [program, JSON.stringify(question)], { env, stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  return await new Promise((resolve, reject) => {
    let stderr = '';
    let last: Exclude<PartsMessage, { readonly kind: 'progress' }> | undefined;
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    const onLine = (line: string): void => {
      const message = JSON.parse(line) as PartsMessage;
      if (message.kind === 'progress') progress(message.text);
      else last = message;
    };
    readStreamLines(child.stdout, onLine, (error) => {
      child.kill();
      reject(ended(`unknown output: ${messageOf(error)}`, stderr));
    });
    child.once('error', (error) => reject(ended(error.message, stderr)));
    child.once('close', (code, signal) => {
      if (last?.kind === 'answer') resolve(last.answer as Answers[Verb]);
      else if (last) reject(new GauntletError(last.error, last.problems));
      else reject(ended(signal ?? `exit ${code}`, stderr));
    });
  });
}

const ended = (got: string, stderr: string): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: 'toolchain of the sandbox',
      expected: 'an answer',
      got,
      ...(stderr.trim() !== '' && { next: `Its error output:\n${stderr.trim()}` }),
    },
  ]);
