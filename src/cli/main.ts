#!/usr/bin/env node
/** The only place where the process ends: runs one command and maps its result to an exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { formatProblem, GauntletError } from '../core/errors.ts';
import { printableLines } from '../core/plain.ts';
import { redact } from '../core/secrets.ts';
import { environmentProblem } from '../core/system-errors.ts';
import { ERROR_EXIT, VERDICT_EXIT } from '../core/verdict.ts';
import { projectRoot } from '../system/project.ts';
import type { Outcome } from './outcome.ts';
import { buildProgram } from './program.ts';
import { drained, leave, lostOutput, watchOutput } from './terminal/output.ts';
import { endInOrder, firstDefect } from './terminal/signals.ts';

// Of a library for its developers, on the terminal of a user: gRPC names addresses as servers.
process.noDeprecation = true;

const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
const outcome: Outcome = { exitCode: 0 };

watchOutput();
process.on('uncaughtException', (error) => {
  if (!endInOrder(error)) leave(explain(error));
});

try {
  const program = buildProgram(manifest.version, outcome);
  const everyCommand = [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)];
  for (const command of everyCommand) command.exitOverride();
  await program.parseAsync(process.argv);
} catch (error) {
  // A cancellation returns as the command's failure: it is explained once, below, with its stack.
  outcome.exitCode = firstDefect() === undefined ? explain(error) : ERROR_EXIT.defect;
}
const defect = firstDefect();
if (defect !== undefined) {
  const exitCode = explain(defect);
  if (outcome.exitCode !== VERDICT_EXIT.RESIDUE) outcome.exitCode = exitCode;
}
await drained();
// A failed write is reported in the next turn.
await new Promise((resolve) => setImmediate(resolve));
const lost = lostOutput();
if (lost) {
  process.stderr.write(
    `standard output: expected to be writable, got ${lost.code}. The output is incomplete.\n`,
  );
  if (outcome.exitCode === 0 && outcome.isVerdict !== true) outcome.exitCode = ERROR_EXIT.unavailable;
}
// A rejected promise or an open handle must not keep a finished command alive: everything was awaited above.
leave(outcome.exitCode);

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERROR_EXIT.usage;
  if (error instanceof GauntletError) {
    process.stderr.write(`${error.message}\n`);
    return ERROR_EXIT[error.kind];
  }
  const trouble = environmentProblem(error);
  if (trouble) {
    process.stderr.write(`${printableLines(redact(formatProblem(trouble)))}\n`);
    return ERROR_EXIT.unavailable;
  }
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = printableLines(redact(said));
  process.stderr.write(
    `A defect in Gauntlet ${manifest.version} (Node ${process.version}): please report it with these lines.\n${text}\n`,
  );
  return ERROR_EXIT.defect;
}
