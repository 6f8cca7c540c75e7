/**
 * The certificates and keys that accesses of a target name, all of them before anything is dialled: readable,
 * a pair, valid now.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { TargetFile } from '../../config/read-target.ts';
import type { TlsAccess } from '../../core/access.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { type SecretRef, writeRef } from '../../core/receivers.ts';
import { keepSecret } from '../../core/secrets.ts';
import { pemsOf } from '../../system/tls/tls-options.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Registers what is in variables, and keys. @throws usage with every problem; never with a key. */
export function keepTls(target: Pick<TargetFile, 'name' | 'addresses' | 'registries'>, env: Env): void {
  const entered = [
    ...Object.entries(target.addresses).map(([service, by]) => {
      // The endpoints of one service have one block.
      const [tls] = Object.values(by).flatMap((at = []) => at[0]?.access?.tls ?? []);
      return [service, tls] as const;
    }),
    ...Object.entries(target.registries ?? {}).map(
      ([service, { access }]) => [`${service}.registry`, access?.tls] as const,
    ),
  ];
  const problems = entered.flatMap(([place, tls]) =>
    tls === undefined ? [] : problemsOf(`target ${target.name}: services.${place}.tls`, tls, env),
  );
  if (problems.length > 0) throw new GauntletError('usage', problems);
}

function problemsOf(subject: string, tls: TlsAccess, env: Env): readonly Problem[] {
  const parts = (['ca', 'cert', 'key'] as const).flatMap((key): Problem[] => {
    const reference = tls[key];
    return reference === undefined ? [] : partProblem(`${subject}.${key}`, key, reference, env);
  });
  if (parts.length > 0 || tls.cert === undefined) return parts;
  const { cert = '', key = '' } = pemsOf(tls);
  const where = writeRef(tls.cert);
  const ended = new X509Certificate(cert).validTo;
  if (Date.parse(ended) < Date.now())
    return [
      {
        subject: `${subject}.cert`,
        expected: 'a certificate that is valid now',
        got: `${where}, which ended ${ended}`,
      },
    ];
  try {
    createSecureContext({ cert, key });
    return [];
  } catch {
    const expected = `the key of the certificate in ${where}, without a passphrase`;
    return [{ subject: `${subject}.key`, expected, got: `another one in ${writeRef(tls.key ?? tls.cert)}` }];
  }
}

function partProblem(subject: string, key: 'ca' | 'cert' | 'key', reference: SecretRef, env: Env): Problem[] {
  if (reference.from === 'env') {
    const value = env[reference.name] ?? '';
    const expected = `PEM in the environment variable ${reference.name}`;
    if (value === '')
      return [{ subject, expected, got: 'nothing', ...didYouMean(reference.name, Object.keys(env)) }];
    keepSecret(reference.name, value);
  }
  try {
    const [text = ''] = Object.values(pemsOf({ [key]: reference }));
    if (key !== 'key') new X509Certificate(text);
    else if (reference.from === 'file') keepSecret(writeRef(reference), text);
    return [];
  } catch (error) {
    if (error instanceof GauntletError) return error.problems.map((one) => ({ ...one, subject }));
    return [{ subject, expected: `a certificate in ${writeRef(reference)}`, got: 'something else' }];
  }
}
