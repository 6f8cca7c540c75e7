/** What Node's TLS needs to enter an address: the files and variables that an access names, read now. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { TlsAccess } from '../../core/access.ts';
import { usageError } from '../../core/errors.ts';
import { type SecretRef, writeRef } from '../../core/receivers.ts';
import { variableValue } from '../secrets/secret-value.ts';

/** @param host of the address. @throws usage for a file or a variable that cannot be read. */
export function tlsOptions(tls: TlsAccess, host: string): ConnectionOptions {
  const name = tls.serverName ?? host;
  return {
    ...pemsOf(tls),
    // RFC 6066 §3: an address is no server name.
    servername: isIP(name) === 0 ? name : '',
    rejectUnauthorized: tls.insecure !== true,
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
}

/** As text, for every client that takes PEM. */
export function pemsOf({ ca, cert, key }: TlsAccess): { ca?: string; cert?: string; key?: string } {
  return {
    ...(ca && { ca: pemAt(ca, 'tls.ca') }),
    ...(cert && { cert: pemAt(cert, 'tls.cert') }),
    ...(key && { key: pemAt(key, 'tls.key') }),
  };
}

function pemAt(reference: SecretRef, subject: string): string {
  const text = reference.from === 'env' ? variableValue(reference.name) : textOf(reference.name, subject);
  const expected = `PEM in ${writeRef(reference)}`;
  if (text === undefined)
    throw usageError({ subject, expected, got: 'nothing', next: `Set ${reference.name}.` });
  if (/-----BEGIN [A-Z ]+-----/.test(text)) return text;
  throw usageError({ subject, expected, got: 'something else' });
}

function textOf(file: string, subject: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw usageError({ subject, expected: `a file that can be read: ${file}`, got });
  }
}
