/** Where a report goes: to stdout, into a file, or behind what the file of a CI step holds. */
import { appendFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { messageOf, usageError } from '../../core/errors.ts';
import { redact } from '../../core/secrets.ts';
import { SUMMARY_BYTES } from '../../report/github.ts';
import type { CliContext } from '../terminal/context.ts';
import type { ReportFormat } from './report-formats.ts';

export interface ReportOptions {
  readonly format?: ReportFormat;
  readonly out?: string;
  /** With github: a file for the body of a comment. */
  readonly comment?: string;
}

/** @param text ends with a line break; on stdout it is the only one at the end. */
export function printOrWrite(cli: CliContext, out: string | undefined, text: string): void {
  if (out === undefined) cli.frame(text.replace(/\n$/, ''));
  else writeOut(out, text);
}

export const writeOut = (file: string, text: string): void => toFile(file, text, writeFileSync, '--out');

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
  toFile(file, summary(SUMMARY_BYTES - held), appendFileSync, '--out');
}

export function toFile(
  file: string,
  text: string,
  how: (file: string, text: string) => void,
  option: string,
): void {
  try {
    how(file, redact(text));
  } catch (error) {
    throw usageError({
      subject: option,
      expected: 'a file that can be written',
      got: messageOf(error),
      next: 'Choose another file.',
    });
  }
}
