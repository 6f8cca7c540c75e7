/** `gauntlet report`: everything again from disk; no target is touched. The exit code is the verdict's. */
import { resolve } from 'node:path';
import { renderJunit } from '../../report/junit.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { renderSummary } from '../../report/text.ts';
import { htmlOf, readReportInput, writeReports } from '../../run/verdict/write-reports.ts';
import { cliContext } from '../terminal/context.ts';

export interface ReportOptions {
  readonly format?: 'html' | 'md' | 'json' | 'junit' | 'text';
}

export async function reportCommand(directory: string, options: ReportOptions): Promise<number> {
  const cli = cliContext();
  const runDir = resolve(directory);
  if (options.format === undefined) {
    const input = writeReports(runDir);
    cli.frame(renderSummary(input, { width: cli.width, color: cli.color }));
    cli.out(`Rewritten: result.json, report.html, report.md, junit.xml in ${directory}`);
    return input.result.verdict.exitCode;
  }
  const input = readReportInput(runDir);
  switch (options.format) {
    case 'html':
      cli.frame(htmlOf(input));
      break;
    case 'md':
      cli.frame(renderMarkdown(input));
      break;
    case 'json':
      cli.json(input.result);
      break;
    case 'junit':
      cli.frame(renderJunit(input));
      break;
    case 'text':
      cli.frame(renderSummary(input, { width: cli.width, color: cli.color }));
      break;
  }
  return input.result.verdict.exitCode;
}
