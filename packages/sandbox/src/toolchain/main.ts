/**
 * The toolchain as a separate process (src/system/toolchain/sandbox-parts.ts defines both sides of the
 * protocol). argv[2] is a PartsQuestion as JSON. Exit 0 when it answered, 1 when it could not (the reason is
 * its last line on stdout).
 */
import { GauntletError, messageOf } from '../../../../src/core/errors.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';
import type { PartsMessage, PartsQuestion } from '../../../../src/system/toolchain/sandbox-parts.ts';
import { findTools, reportParts } from './parts.ts';

const say = (message: PartsMessage, then?: () => void): void =>
  void process.stdout.write(`${JSON.stringify(message)}\n`, then);

// The caller has exited, so no build is needed any more.
process.stdin.resume().on('close', () => process.exit(1));
for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const { verb, names, places } = JSON.parse(process.argv[2] ?? '') as PartsQuestion;
  const { env } = process;
  const context: ToolContext = { places, env, progress: (text) => say({ kind: 'progress', text }) };
  const answer =
    verb === 'require' ? await findTools(names, context) : await reportParts(verb, names, context);
  say({ kind: 'answer', answer }, () => process.exit(0));
} catch (error) {
  const known = error instanceof GauntletError ? error : undefined;
  const problems = known?.problems ?? [{ subject: 'toolchain', expected: 'to work', got: messageOf(error) }];
  say({ kind: 'failed', error: known?.kind ?? 'defect', problems }, () => process.exit(1));
}
