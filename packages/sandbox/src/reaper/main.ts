/**
 * The reaper as a separate process. argv[2] is a ReaperConfig as JSON. It exits when its stdin ends; it
 * ignores signals, because it must outlive all other processes of the sandbox.
 */
import { GauntletError, messageOf } from '../../../../src/core/errors.ts';
import type { ReaperConfig, ReaperMessage } from './protocol.ts';
import { runReaper } from './reaper.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// The reader may have died. Cleaning up after it is the purpose of this process, so an EPIPE must not end it.
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
