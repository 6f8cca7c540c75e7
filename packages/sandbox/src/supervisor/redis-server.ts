/** The command line of one Redis: no persistence, no password, one address. */
import type { Socket } from '../../../../src/core/sandbox/layout.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import { withLibraries } from './with-libraries.ts';

export const redisCommand = (
  { server, libraryPath }: NonNullable<Tools['redis']>,
  { host, port }: Socket,
): readonly string[] => [
  ...withLibraries(libraryPath),
  server,
  ...['--bind', host, '--port', String(port), '--protected-mode', 'no'],
  ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
];
