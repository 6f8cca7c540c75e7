/** One command of packages/netagent in a container that runs it, and its answer. */
import { GauntletError } from '../../../core/errors.ts';
import { ms } from '../../../core/units.ts';
import type { RunCommand } from './command.ts';
import type { NetPod } from './net-pods.ts';

/** Measured: 60 ms on an idle machine. */
const DEADLINE_MS = ms(5000);

/** @throws as a command (command.ts), unavailable for an answer that is not JSON. */
export async function runNetagent<T>(
  run: RunCommand,
  { namespace, name }: NetPod,
  container: string,
  ...command: readonly string[]
): Promise<T> {
  const request = { namespace, pod: name, container, deadlineMs: DEADLINE_MS };
  const text = await run({ ...request, command: ['/netagent', ...command] });
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    const subject = `netagent ${command[0]} in pod ${name}`;
    const problem = { subject, expected: 'JSON', got: JSON.stringify(text.slice(0, 200)) };
    throw new GauntletError('unavailable', [problem], { cause: error });
  }
}
