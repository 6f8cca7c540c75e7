/**
 * The secrets of a run: read from the environment that the target file names, and checked before anything is
 * started.
 */

import type { TargetFile } from '../../config/read-target.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError } from '../../core/errors.ts';
import { keepSecret } from '../../core/secrets.ts';

/** RFC 6750 allows less; a header can hold no more. */
const isHeaderValue = (token: string): boolean => /^[\x21-\x7e]+$/.test(token);

/** Where and of what kind, never the token. */
function sayStrange(token: string): string {
  const at = [...token].findIndex((sign) => !isHeaderValue(sign));
  const sign = [...token][at] ?? '';
  const kinds = [
    [/[\r\n]/, 'a line break'],
    [/\s/, 'a blank'],
    [/\p{Cc}/u, 'a control sign'],
  ] as const;
  const kind = kinds.find(([pattern]) => pattern.test(sign))?.[1] ?? 'a sign that is not ASCII';
  return `one with ${kind} at position ${at + 1} of ${[...token].length}`;
}

/** By the environment name that the scripts know. @throws usage, never with the value. */
export function secretsOf(
  target: TargetFile,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  if (!target.auth) return {};
  const token = env[target.auth.tokenEnv];
  if (token !== undefined && token !== '') {
    keepSecret(target.auth.tokenEnv, token);
    if (isHeaderValue(token)) return { GATEWAY_TOKEN: token };
    throw new GauntletError('usage', [
      {
        subject: `target ${target.name}: auth.tokenFrom`,
        expected: `a token in ${target.auth.tokenEnv} of letters, digits and signs of ASCII without blanks, as a header can hold it`,
        got: sayStrange(token),
        next: 'A file with line breaks, or base64 that was wrapped, is often the cause: take them out.',
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
