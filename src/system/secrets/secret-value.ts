/**
 * The value of a reference, at the moment of its use: a file is read anew, since secrets in files are
 * rotated. The start of a program says once where variables are, as the register of secrets is one for all of
 * it: who undoes from a journal knows no target file that would list them.
 */
import { readFileSync } from 'node:fs';
import { usageError } from '../../core/errors.ts';
import { type SecretRef, writeRef } from '../../core/receivers.ts';
import { keepSecret, secretNamed } from '../../core/secrets.ts';

type Env = Readonly<Record<string, string | undefined>>;

let environment: Env = {};

export function secretsFrom(env: Env): void {
  environment = env;
}

/**
 * @param subject what needs it: `login.password`.
 * @throws usage that names the variable or the file when it holds nothing.
 */
export function secretValue(reference: SecretRef | undefined, subject: string): string {
  if (reference === undefined) throw usageError({ subject, expected: 'a reference to it', got: 'none' });
  const value = reference.from === 'env' ? variableValue(reference.name) : fileValue(reference);
  if (value !== undefined && value !== '') return value;
  throw usageError({ subject, ...missing(reference) });
}

/** Registered, so that no message shows it. Undefined: it is not set. */
export function variableValue(name: string): string | undefined {
  const value = environment[name];
  if (value !== undefined) keepSecret(name, value);
  return value ?? secretNamed(name);
}

/** What is wrong with a reference to nothing. */
export const missing = (
  reference: SecretRef,
): { readonly expected: string; readonly got: string; readonly next: string } =>
  reference.from === 'env'
    ? {
        expected: `a value in the environment variable ${reference.name}`,
        got: 'nothing',
        next: `Set ${reference.name} in the environment of this command.`,
      }
    : {
        expected: `a value in the file ${reference.name}`,
        got: 'nothing',
        next: 'Write the secret into it.',
      };

/** Registered under its reference. @throws usage for a file that cannot be read. */
export function fileValue(reference: SecretRef): string {
  let text: string;
  try {
    text = readFileSync(reference.name, 'utf8');
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw usageError({ subject: reference.name, expected: 'a file that can be read', got });
  }
  // Editors end a file with a line break; a blank may be part of a password.
  const value = text.replace(/\r?\n$/, '');
  keepSecret(writeRef(reference), value);
  return value;
}
