/** Certificates of an authority of their own, made by the openssl command in a folder that the test removes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly folder: string;
  readonly caFile: string;
  readonly ca: string;
  /** @param names of subjectAltName, such as `IP:127.0.0.1`. @param days -1: it ended yesterday. */
  issue(name: string, names?: string, days?: number): Pair;
  remove(): void;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

export function newAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-ca-'));
  const at = (name: string): string => join(folder, name);
  openssl(
    'req',
    '-x509',
    ...CURVE,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  );
  return {
    folder,
    caFile: at('ca.pem'),
    ca: readFileSync(at('ca.pem'), 'utf8'),
    issue(name, names = 'IP:127.0.0.1,DNS:localhost', days = 2) {
      const [keyFile, request, certFile] = [at(`${name}.key`), at(`${name}.csr`), at(`${name}.pem`)];
      openssl('req', ...CURVE, '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`);
      writeFileSync(at(`${name}.ext`), `subjectAltName=${names}\n`);
      const issuer = [
        '-CA',
        at('ca.pem'),
        '-CAkey',
        at('ca.key'),
        '-CAcreateserial',
        '-extfile',
        at(`${name}.ext`),
      ];
      openssl('x509', '-req', '-in', request, '-out', certFile, ...issuer, '-days', String(days));
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The lines of a key: none of them may be seen. */
export const bodyOf = (pem: string): readonly string[] =>
  pem.split('\n').filter((line) => /^[\w+/=]{20,}$/.test(line));
