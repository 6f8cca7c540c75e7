/**
 * The supervisor of one sandbox as a separate process. argv[2] is a SandboxRequest as JSON. The end of its
 * stdin takes the sandbox down, unless its caller sent KEEP before; SIGTERM and SIGINT take it down in any
 * case. Exit 0 when it was stopped, 1 when it could not start or continue (the reason is its last line on
 * stdout).
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseSystem } from '../../../../src/config/system/read-system.ts';
import { GauntletError, messageOf } from '../../../../src/core/errors.ts';
import { monotonicClock } from '../../../../src/system/monotonic-clock.ts';
import {
  KEEP,
  type SandboxRequest,
  type SupervisorMessage,
} from '../../../../src/system/sandbox/protocol.ts';
import { requirePreconditions } from './preconditions.ts';
import { supervise } from './supervisor.ts';

const stop = new AbortController();
const interrupted = (got: string): GauntletError =>
  new GauntletError('interrupted', [
    { subject: 'sandbox', expected: 'to become ready', got, text: `its start was cancelled by ${got}` },
  ]);
const say = (message: SupervisorMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

// EPIPE from a caller that has exited must not end a sandbox that is to be kept.
for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => undefined);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort(interrupted(signal)));
}
process.umask(0o077);

let kept = false;
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line !== KEEP) return;
    kept = true;
    say({ kind: 'kept' });
  })
  .on('close', () => {
    if (!kept) stop.abort(interrupted('the end of its caller'));
  });

try {
  const { name, root, system: file, tools } = JSON.parse(process.argv[2] ?? '') as SandboxRequest;
  const system = parseSystem(file, readFileSync(file, 'utf8'));
  const config = { name, root, system, ...requirePreconditions(system, tools, root) };
  await supervise(config, {
    clock: monotonicClock,
    progress: (text) => say({ kind: 'progress', text }),
    ready: (state) => say({ kind: 'ready', state }),
    stop,
  });
  process.exit(0);
} catch (error) {
  const known = error instanceof GauntletError ? error : undefined;
  const problems = known?.problems ?? [{ subject: 'sandbox', expected: 'to start', got: messageOf(error) }];
  const message: SupervisorMessage = { kind: 'failed', error: known?.kind ?? 'unavailable', problems };
  process.stdout.write(`${JSON.stringify(message)}\n`, () => process.exit(1));
}
