/** The secrets of a target, by the references in its file: checked before anything is started. */
import type { TargetFile } from '../../config/read-target.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { keepSecret } from '../../core/secrets.ts';
import { keepTls } from './keep-tls.ts';
import { authSecret } from './run-token.ts';

/** Registers the passwords and keys of addresses. @throws usage for each that is not set. */
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
  keepTls(target, env);
}

/** Before anything is touched. @throws usage, never with a value. */
export function checkSecrets(target: TargetFile, env: Readonly<Record<string, string | undefined>>): void {
  keepLogins(target, env);
  authSecret(target, env);
}
