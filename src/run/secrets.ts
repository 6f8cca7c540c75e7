/** The secrets of a run: read from the environment that the target file names, and checked before anything is started. */
import { didYouMean } from '../core/did-you-mean.ts';
import { GauntletError } from '../core/errors.ts';
import type { TargetFile } from '../targets/target-file.ts';

/** By the environment name that the scripts know. @throws usage, never with the value. */
export function secretsOf(
  target: TargetFile,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  if (!target.auth) return {};
  const token = env[target.auth.tokenEnv];
  if (token !== undefined && token !== '') return { GATEWAY_TOKEN: token };
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
