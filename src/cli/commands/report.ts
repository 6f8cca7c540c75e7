/** `gauntlet report`: rebuilds every report from disk; touches no target. The exit code is the verdict's. */
import { appendFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, usageError } from '../../core/errors.ts';
import { redact, redactAll } from '../../core/secrets.ts';
import { VERDICT_EXIT } from '../../core/verdict.ts';
import { githubAnnotations, githubSummary, SUMMARY_BYTES } from '../../report/github.ts';
import type { ReportInput } from '../../report/input.ts';
import { renderJunit } from '../../report/junit.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { renderOpenMetrics, renderPrometheus } from '../../report/metrics/exposition.ts';
import { renderGitlab } from '../../report/metrics/gitlab.ts';
import { type MetricsInput, metricsOf } from '../../report/metrics/samples.ts';
import { renderSummary } from '../../report/text.ts';
import { metricsOfRun } from '../../run/history/metrics-of-run.ts';
import { htmlOf, readReportInput, writeReports } from '../../run/verdict/write-reports.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';
import { REPORT_FORMATS, type ReportFormat } from './report-formats.ts';

export interface ReportOptions {
  readonly format?: ReportFormat;
  readonly out?: string;
}

export async function reportCommand(directory: string, options: ReportOptions): Promise<number> {
  const cli = cliContext();
  const runDir = resolve(directory);
  const { format, out } = options;
  if (format === undefined) {
    if (out !== undefined)
      throw usageError({
        subject: '--out',
        expected: 'a --format to write there',
        got: 'none, with which the files of the run are rewritten in its folder',
        next: `Add --format, one of ${REPORT_FORMATS.join(', ')}.`,
      });
    const input = writeReports(runDir);
    cli.frame(renderSummary(input, { width: cli.width, color: cli.color }));
    cli.out(
      `Rewritten: ${input.result.gate ? 'gate.json, ' : ''}result.json, report.html, report.md, junit.xml in ${directory}`,
    );
    return input.result.verdict.exitCode;
  }
  if (format === 'github') return github(cli, runDir, out);
  if (isMetricsFormat(format)) {
    const input = metricsOfRun(runDir);
    const text = metricsText(format, input);
    if (out !== undefined) writeOut(out, redact(text), writeFileSync);
    // Its own line break is the last one: an empty line is no metric.
    else cli.frame(text.trimEnd());
    return VERDICT_EXIT[input.night.status];
  }
  const input = readReportInput(runDir);
  if (out !== undefined) writeOut(out, redact(textOf(format, input, cli)), writeFileSync);
  else if (format === 'json') cli.json(input.result);
  else cli.frame(textOf(format, input, cli));
  return input.result.verdict.exitCode;
}

type MetricsFormat = Extract<ReportFormat, 'gitlab' | 'prom' | 'openmetrics'>;

const isMetricsFormat = (format: ReportFormat): format is MetricsFormat =>
  ['gitlab', 'prom', 'openmetrics'].includes(format);

function metricsText(format: MetricsFormat, input: MetricsInput): string {
  if (format === 'gitlab') return renderGitlab(input);
  const families = metricsOf(input);
  return format === 'prom' ? renderPrometheus(families) : renderOpenMetrics(families);
}

function textOf(
  format: Exclude<ReportFormat, 'github' | MetricsFormat>,
  input: ReportInput,
  cli: CliContext,
): string {
  switch (format) {
    case 'html':
      return htmlOf(input);
    case 'md':
      return renderMarkdown(input);
    case 'json':
      return `${JSON.stringify(redactAll(input.result), null, 2)}\n`;
    case 'junit':
      return renderJunit(input);
    case 'text':
      return `${renderSummary(input, { width: cli.width, color: false })}\n`;
  }
}

/** Annotations to stdout, where a step's runner reads them; the summary behind what the step's file holds. */
function github(cli: CliContext, runDir: string, out: string | undefined): number {
  const file = out ?? cli.env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '')
    throw usageError({
      subject: '--out',
      expected: 'a file for the summary, since GITHUB_STEP_SUMMARY is not set',
      got: 'nothing',
      next: 'Run it in a step of GitHub Actions, or add --out summary.md; the annotations go to stdout.',
    });
  const input = readReportInput(runDir);
  const held = existsSync(file) ? statSync(file).size : 0;
  writeOut(file, redact(githubSummary(input, SUMMARY_BYTES - held)), appendFileSync);
  cli.out(githubAnnotations(input));
  return input.result.verdict.exitCode;
}

export function writeOut(file: string, text: string, how: (file: string, text: string) => void): void {
  try {
    how(file, text);
  } catch (error) {
    throw usageError({
      subject: '--out',
      expected: 'a file that can be written',
      got: messageOf(error),
      next: 'Choose another file.',
    });
  }
}
