/**
 * One PostgreSQL: its data folder and its command line. It refuses to run as root, so root runs it in a user
 * namespace in which it has another id: outside it is still root's process, and no folder of root's needs to be
 * opened to others.
 */
import { join } from 'node:path';
import type { Socket } from '../../../../src/core/sandbox/layout.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import { withLibraries } from './with-libraries.ts';

/** Any id but root's, inside of its namespace. */
const INNER_ID = '1000';

export const withoutRoot = (isRoot: boolean): readonly string[] =>
  isRoot ? ['unshare', '--user', `--map-user=${INNER_ID}`, `--map-group=${INNER_ID}`, '--'] : [];

export interface PostgresPlace {
  readonly folder: string;
  readonly socket: Socket;
  readonly database: string | null;
}

/** A sandbox is gone after a crash of the machine, so nothing waits for the disk. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  jit: 'off',
  max_connections: '100',
  shared_buffers: '32MB',
  unix_socket_directories: '',
  log_line_prefix: '%m ',
} as const;

/** Creates the cluster and the database without a server: quoted by the shell's own arguments. */
const PREPARE =
  'set -e; bin=$1; data=$2; database=$3; ' +
  '"$bin/initdb" --pgdata="$data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync --no-instructions; ' +
  'if [ -n "$database" ]; then ' +
  'printf \'CREATE DATABASE "%s"\\n\' "$database" | "$bin/postgres" --single -D "$data" -F postgres; fi';

/** @param isRoot only tests pass it. */
export function postgresCommand(
  { bin, libraryPath }: NonNullable<Tools['postgres']>,
  { folder, socket, database }: PostgresPlace,
  isRoot: boolean = process.getuid?.() === 0,
): { readonly prepare: readonly string[]; readonly argv: readonly string[] } {
  const before = [...withoutRoot(isRoot), ...withLibraries(libraryPath)];
  const settings = Object.entries({ ...SETTINGS, listen_addresses: socket.host }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  return {
    prepare: [...before, '/bin/sh', '-c', PREPARE, 'prepare', bin, folder, database ?? ''],
    argv: [...before, join(bin, 'postgres'), '-D', folder, '-p', String(socket.port), ...settings],
  };
}
