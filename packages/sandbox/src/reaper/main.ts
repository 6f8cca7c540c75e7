/**
 * The reaper as a process of its own. argv[2] is a ReaperConfig as JSON. It ends when its stdin does; a signal
 * does not end it, because it is the one that must be there when all others are gone.
 */
import { GauntletError, messageOf } from '../../../../src/core/errors.ts';
import type { ReaperConfig, ReaperMessage } from './protocol.ts';
import { runReaper } from './reaper.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// The reader may be dead: that is what this process is for, and no reason to stop.
for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => undefined);
process.umask(0o077);

try {
  const config = JSON.parse(process.argv[2] ?? '') as ReaperConfig;
  await runReaper(config, process.stdin, process.stdout);
  process.exit(0);
} catch (error) {
  const known = error instanceof GauntletError ? error : undefined;
  const message: ReaperMessage = {
    kind: 'failed',
    error: known?.kind === 'refused' ? 'refused' : 'unavailable',
    problems: known?.problems ?? [
      { subject: 'sandbox folder', expected: 'to be usable', got: messageOf(error) },
    ],
  };
  process.stdout.write(`${JSON.stringify(message)}\n`, () => process.exit(1));
}
