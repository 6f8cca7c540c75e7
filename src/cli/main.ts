#!/usr/bin/env node
/** The only place where the process ends: runs one command and turns what came of it into an exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { GauntletError } from '../core/errors.ts';
import { printableLines } from '../core/plain.ts';
import { redact } from '../core/secrets.ts';
import { ERROR_EXIT } from '../core/verdict.ts';
import { osTrouble } from '../system/os-trouble.ts';
import { projectRoot } from '../system/project.ts';
import { buildProgram, type Outcome } from './program.ts';

const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
const outcome: Outcome = { exitCode: 0 };

try {
  const program = buildProgram(manifest.version, outcome);
  const everyCommand = [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)];
  for (const command of everyCommand) command.exitOverride();
  await program.parseAsync(process.argv);
} catch (error) {
  outcome.exitCode = explain(error);
}
// A rejected promise or an open handle must not keep a finished command alive: everything was awaited above.
process.exit(outcome.exitCode);

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERROR_EXIT.usage;
  if (error instanceof GauntletError) {
    process.stderr.write(`${error.message}\n`);
    return ERROR_EXIT[error.kind];
  }
  const trouble = osTrouble(error);
  if (trouble !== undefined) {
    process.stderr.write(`${printableLines(redact(trouble))}\n`);
    return ERROR_EXIT.unavailable;
  }
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = printableLines(redact(said));
  process.stderr.write(
    `A defect in Gauntlet ${manifest.version} (Node ${process.version}): please report it with these lines.\n${text}\n`,
  );
  return ERROR_EXIT.defect;
}
