/** `gauntlet report RUN --compare OTHER`: two runs side by side. Neither folder is written to; there is no verdict. */
import { resolve } from 'node:path';
import { usageError } from '../../core/errors.ts';
import { redactAll } from '../../core/secrets.ts';
import { compareRuns } from '../../measure/compare-runs.ts';
import { comparisonMarkdown, comparisonText } from '../../report/compare.ts';
import { assembleRun } from '../../run/verdict/assemble.ts';
import { cliContext } from '../terminal/context.ts';
import { writeOut } from '../terminal/write-out.ts';
import type { ReportOptions } from './report-output.ts';

/** @returns 0: that they were compared. @throws usage: a format that needs a verdict, a folder of no run. */
export async function compareCommand(
  directory: string,
  other: string,
  { format = 'text', out }: ReportOptions,
): Promise<number> {
  const cli = cliContext();
  if (format !== 'text' && format !== 'md' && format !== 'json')
    throw usageError({
      subject: '--format',
      expected: 'text, md or json beside --compare, which has no verdict',
      got: format,
    });
  const [one, two] = [resolve(directory), resolve(other)];
  if (one === two)
    throw usageError({ subject: '--compare', expected: 'another run than the first', got: other });
  const comparison = compareRuns(assembleRun(one), assembleRun(two));
  if (format === 'json' && out === undefined) {
    cli.json(comparison);
    return 0;
  }
  const color = cli.color && out === undefined;
  const text =
    format === 'json'
      ? JSON.stringify(redactAll(comparison), null, 2)
      : format === 'md'
        ? comparisonMarkdown(comparison)
        : comparisonText(comparison, { width: cli.width, color });
  if (out === undefined) cli.frame(text);
  else writeOut(out, `${text.trimEnd()}\n`);
  return 0;
}
