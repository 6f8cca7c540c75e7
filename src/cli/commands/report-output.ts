/** The options of `gauntlet report`, and the file of a CI step that its summary goes to. */
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { usageError } from '../../core/errors.ts';
import { SUMMARY_BYTES } from '../../report/github.ts';
import type { CliContext } from '../terminal/context.ts';
import { toFile } from '../terminal/write-out.ts';
import type { ReportFormat } from './report-formats.ts';

export interface ReportOptions {
  readonly format?: ReportFormat;
  readonly out?: string;
  /** With github: a file for the body of a comment. */
  readonly comment?: string;
}

/**
 * The summary of a step of GitHub Actions.
 * @param out absent: the file that the step's environment names.
 * @param summary gets the bytes that are left.
 */
export function appendSummary(
  cli: CliContext,
  out: string | undefined,
  summary: (room: number) => string,
): void {
  const file = out ?? cli.env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '')
    throw usageError({
      subject: '--out',
      expected: 'a file for the summary, since GITHUB_STEP_SUMMARY is not set',
      got: 'nothing',
      next: 'Run it in a step of GitHub Actions, or add --out summary.md; the annotations go to stdout.',
    });
  const held = existsSync(file) ? statSync(file).size : 0;
  toFile('--out', file, summary(SUMMARY_BYTES - held), appendFileSync);
}
