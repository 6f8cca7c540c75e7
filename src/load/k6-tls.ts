/**
 * TLS of k6: a configuration with keys and names, and the authorities that it trusts, both at descriptors of
 * the process. k6 has one setting for all that a process dials (src/run/plan/load-tls.ts refuses what does
 * not fit into one).
 */
import type { TlsAccess } from '../core/access.ts';
import type { ScenarioLoad } from '../core/load-plan.ts';
import { pemsOf } from '../system/tls/tls-options.ts';

/** For the command line, the environment and `K6Command.texts`. */
export interface K6Tls {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly texts: readonly string[];
}

const CONFIG_AT = '/dev/fd/3';
const AUTHORITIES_AT = '/dev/fd/4';

/**
 * Arguments, variables and texts; nothing of them for a plain load.
 * @param home an empty folder.
 * @throws usage for a certificate or a key that cannot be read.
 */
export function k6Tls({ tls, foreign }: ScenarioLoad, home: string): K6Tls {
  if (tls === undefined) return { args: [], env: {}, texts: [] };
  const all = Object.values(tls.services);
  const pems = all.map(pemsOf);
  const pair = pems.find((one) => one.cert !== undefined);
  const config = {
    ...(pair && { tlsAuth: [{ cert: pair.cert, key: pair.key }] }),
    ...(Object.keys(tls.hosts).length > 0 && { hosts: tls.hosts }),
    ...(all.some((one) => one.insecure) && { insecureSkipTLSVerify: true }),
  };
  const own = [...new Set(pems.flatMap(({ ca }) => ca ?? []))];
  return {
    args: ['--config', CONFIG_AT],
    env: {
      ...(own.length > 0 && { SSL_CERT_FILE: AUTHORITIES_AT }),
      // Go reads the folders of the system beside that file: none, where every service has an authority of
      // its own. A foreign script dials what it likes.
      ...(foreign === undefined && all.every(hasOwn) && { SSL_CERT_DIR: home }),
    },
    texts: [JSON.stringify(config), ...(own.length > 0 ? [own.join('\n')] : [])],
  };
}

const hasOwn = ({ ca }: TlsAccess): boolean => ca !== undefined;
