/** A real PostgreSQL for a test. It refuses to run as root, so root lends it the uid of nobody. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { run, until } from './spawned.ts';

const NOBODY = 65_534;
const INSTALLED = '/usr/lib/postgresql';

export interface TestPostgres {
  readonly address: string;
  readonly database: string;
  readonly user: string;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** @param ssl files of its certificate, its key and the authority of its clients: then it takes TLS alone. */
export async function startPostgres(
  database: string,
  user: string,
  ssl?: { readonly cert: string; readonly key: string; readonly ca: string },
): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-services-postgres-'));
  const data = join(folder, 'data');
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'] : [];
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const bin = binaries();
  const [program = '', ...args] = [
    ...as,
    join(bin, 'initdb'),
    '-D',
    data,
    '-U',
    user,
    '-A',
    'trust',
    '--no-sync',
  ];
  execFileSync(program, args, { stdio: 'ignore', cwd: folder });
  const [port = 0] = await freePorts(1);
  const options = [`listen_addresses=127.0.0.1`, `port=${port}`, 'unix_socket_directories=', 'fsync=off'];
  const [server = '', ...rest] = [...as, join(bin, 'postgres'), '-D', data];
  if (ssl !== undefined) options.push(...sslOptions(folder, ssl, isRoot));
  const process_ = run(server, [...rest, ...options.flatMap((one) => ['-c', one])]);
  const stop = async (): Promise<void> => {
    // Immediate shutdown: its children end with it.
    await process_.stop('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => process_.output().includes('ready to accept connections'), {
      timeoutMs: 20_000,
      explain: process_.output,
    });
    const at = ['-h', '127.0.0.1', '-p', String(port), '-U', user];
    execFileSync(join(bin, 'createdb'), [...at, database], { stdio: 'ignore', cwd: folder });
  } catch (error) {
    await stop();
    throw error;
  }
  const signal = (one: NodeJS.Signals): void => void process_.child.kill(one);
  return { address: `127.0.0.1:${port}`, database, user, signal, stop };
}

function sslOptions(folder: string, files: Readonly<Record<string, string>>, isRoot: boolean): string[] {
  const own = Object.entries(files).map(([name, file]) => {
    const copy = join(folder, name);
    copyFileSync(file, copy);
    chmodSync(copy, 0o600);
    if (isRoot) chownSync(copy, NOBODY, NOBODY);
    return `ssl_${name}_file=${copy}`;
  });
  writeFileSync(
    join(folder, 'data', 'pg_hba.conf'),
    'host postgres all 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n',
  );
  return ['ssl=on', ...own];
}

function binaries(): string {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort() : [];
  const newest = versions.at(-1);
  if (newest === undefined)
    throw new Error(`postgres: expected in ${INSTALLED}, got none. Install it: apt-get install postgresql`);
  return join(INSTALLED, newest, 'bin');
}
