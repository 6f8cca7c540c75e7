/**
 * `gauntlet runbook`: before a run from its plan, after it from its folder. Before: exit 0 when no fact is
 * missing, else 77. After: the verdict's exit code.
 */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Problem, usageError } from '../../core/errors.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { gameDayJson } from '../../report/game-day.ts';
import { runbookAfter } from '../../report/runbook-after.ts';
import { isReady, runbookBefore } from '../../report/runbook-before.ts';
import { runbookStory } from '../../run/runbook-story.ts';
import { readReportInput } from '../../run/verdict/write-reports.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';
import { seedOf } from '../terminal/numbers.ts';
import { printOrWrite } from '../terminal/write-out.ts';

export interface RunbookOptions {
  readonly target?: string;
  readonly seed?: string;
  readonly approvedBy?: readonly string[];
  readonly executedBy?: string;
  readonly format: 'md' | 'nhm';
  readonly out?: string;
}

export async function runbookCommand(what: string, options: RunbookOptions): Promise<number> {
  const cli = cliContext();
  const isRun = existsSync(what) && statSync(what).isDirectory();
  checkTogether(what, isRun, options);
  return isRun ? after(cli, what, options) : await before(cli, what, options);
}

async function before(cli: CliContext, campaign: string, options: RunbookOptions): Promise<number> {
  const { target, approvedBy = [], out } = options;
  const asked = { campaign, target, seed: seedOf(options.seed), scale: 1 };
  const tools = { places: cli.places, env: cli.env, progress: (text: string) => cli.note(text) };
  const book = await runbookStory({ ...asked, ...tools, approvedBy });
  printOrWrite(cli, out, runbookBefore(book));
  return isReady(book) ? 0 : ERROR_EXIT.refused;
}

function after(cli: CliContext, runDir: string, { format, out, executedBy }: RunbookOptions): number {
  const input = readReportInput(resolve(runDir));
  printOrWrite(cli, out, format === 'nhm' ? gameDayJson(input, executedBy ?? null) : runbookAfter(input));
  return input.result.verdict.exitCode;
}

function checkTogether(what: string, isRun: boolean, options: RunbookOptions): void {
  const problems: Problem[] = [];
  const refuse = (subject: string, value: unknown, expected: string): void => {
    if (value !== undefined) problems.push({ subject, expected, got: String(value) });
  };
  const next = { next: 'Give the folder of a run.' };
  if (isRun) {
    const plan = `it beside a campaign only: ${what} is the folder of a run`;
    for (const [name, value] of [
      ['--target', options.target],
      ['--seed', options.seed],
      ['--approved-by', options.approvedBy],
    ] as const)
      refuse(name, value, plan);
    if (options.format === 'md') refuse('--executed-by', options.executedBy, 'it beside --format nhm only');
  } else {
    refuse('--executed-by', options.executedBy, 'it beside a run and --format nhm only');
    if (options.format === 'nhm')
      problems.push({
        subject: '--format',
        expected: 'md before a run',
        got: 'nhm, which has results',
        ...next,
      });
  }
  if (problems.length > 0) throw usageError(...problems);
}
