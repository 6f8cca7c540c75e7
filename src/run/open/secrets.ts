/**
 * The secrets of a run: read from the environment variables that the target file names, and checked before
 * anything is started.
 */

import type { TargetFile } from '../../config/read-target.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { keepSecret } from '../../core/secrets.ts';

/** RFC 6750 allows fewer characters; a header cannot hold more than these. */
const isHeaderValue = (token: string): boolean => /^[\x21-\x7e]+$/.test(token);

/** Position and kind of the problem, never the token. */
function sayStrange(token: string): string {
  const at = [...token].findIndex((sign) => !isHeaderValue(sign));
  const sign = [...token][at] ?? '';
  const kinds = [
    [/[\r\n]/, 'a line break'],
    [/\s/, 'a blank'],
    [/\p{Cc}/u, 'a control character'],
  ] as const;
  const kind = kinds.find(([pattern]) => pattern.test(sign))?.[1] ?? 'a character that is not ASCII';
  return `one with ${kind} at position ${at + 1} of ${[...token].length}`;
}

/** Registers the passwords with which questions log in. @throws usage for each that is not set. */
export function keepLogins(
  target: Pick<TargetFile, 'name' | 'addresses'>,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const problems = Object.entries(target.addresses).flatMap(([service, by]) =>
    Object.values(by).flatMap((at = []) =>
      at.flatMap(({ access: { login } = {} }): readonly Problem[] => {
        const password = login?.password;
        if (password === undefined) return [];
        const value = env[password] ?? '';
        if (value !== '') return keepSecret(password, value) ?? [];
        const subject = `target ${target.name}: services.${service}.login.password`;
        const expected = `a password in the environment variable ${password}`;
        return [{ subject, expected, got: 'nothing', ...didYouMean(password, Object.keys(env)) }];
      }),
    ),
  );
  if (problems.length > 0) throw new GauntletError('usage', problems);
}

/** By the environment name that the scripts use. @throws usage, never with the value. */
export function secretsOf(
  target: TargetFile,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  keepLogins(target, env);
  if (!target.auth) return {};
  const token = env[target.auth.tokenEnv];
  if (token !== undefined && token !== '') {
    keepSecret(target.auth.tokenEnv, token);
    if (isHeaderValue(token)) return { GAUNTLET_TOKEN: token };
    throw new GauntletError('usage', [
      {
        subject: `target ${target.name}: auth.tokenFrom`,
        expected: `a token in ${target.auth.tokenEnv} of ASCII letters, digits and punctuation without blanks, as a header requires`,
        got: sayStrange(token),
        next: 'The cause is often a file with line breaks, or wrapped base64: remove the line breaks.',
      },
    ]);
  }
  const hint = didYouMean(target.auth.tokenEnv, Object.keys(env)).next;
  throw new GauntletError('usage', [
    {
      subject: `target ${target.name}: auth.tokenFrom`,
      expected: `a token in the environment variable ${target.auth.tokenEnv}`,
      got: 'nothing',
      next: `${hint === undefined ? '' : `${hint} `}Set it, for example: ${target.auth.tokenEnv}=... gauntlet run ...`,
    },
  ]);
}
