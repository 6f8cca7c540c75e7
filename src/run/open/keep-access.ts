/**
 * The secrets that accesses of a target name, all of them before anything is dialled. Who undoes in another
 * process finds the same references in the journal, and each value at its use (system/secrets).
 */
import type { TargetFile } from '../../config/read-target.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { secretsIn } from '../../core/login.ts';
import type { SecretRef } from '../../core/receivers.ts';
import { keepSecret } from '../../core/secrets.ts';
import { fileValue, missing } from '../../system/secrets/secret-value.ts';
import { keepTls } from './keep-tls.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** @throws usage with each variable or file that holds nothing; never with a value. */
export function keepAccess(target: Pick<TargetFile, 'name' | 'addresses' | 'registries'>, env: Env): void {
  const problems = [
    ...Object.entries(target.addresses).flatMap(([service, by]) =>
      // The brokers of one service have one access; Sentinels have one of their own.
      Object.values(by).flatMap(([at] = []) => [
        [service, at?.access] as const,
        [`${service}.address`, at?.nodes?.kind === 'sentinels' ? at.nodes.access : undefined] as const,
      ]),
    ),
    ...Object.entries(target.registries ?? {}).map(
      ([service, { access }]) => [`${service}.registry`, access] as const,
    ),
  ].flatMap(([place, access]) =>
    secretsIn(access?.login ?? {}).flatMap(([key, reference]) =>
      problemOf(`target ${target.name}: services.${place}.login.${key}`, reference, env),
    ),
  );
  if (problems.length > 0) throw new GauntletError('usage', problems);
  keepTls(target, env);
}

function problemOf(subject: string, reference: SecretRef, env: Env): readonly Problem[] {
  if (reference.from === 'env') {
    const value = env[reference.name] ?? '';
    if (value !== '') return keepSecret(reference.name, value) ?? [];
    return [{ subject, ...missing(reference), ...didYouMean(reference.name, Object.keys(env)) }];
  }
  try {
    return fileValue(reference) === '' ? [{ subject, ...missing(reference) }] : [];
  } catch (error) {
    if (!(error instanceof GauntletError)) throw error;
    return error.problems.map(({ got = '' }) => ({
      subject,
      expected: `a file that can be read: ${reference.name}`,
      got,
    }));
  }
}
