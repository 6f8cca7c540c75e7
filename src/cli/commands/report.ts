/** `gauntlet report`: rebuilds every report from disk; touches no target. The exit code is the verdict's. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from '../../core/errors.ts';
import { redactAll } from '../../core/secrets.ts';
import { VERDICT_EXIT } from '../../core/verdict.ts';
import { githubAnnotations, githubComment, githubSummary } from '../../report/github.ts';
import type { ReportInput } from '../../report/input.ts';
import { renderJunit } from '../../report/junit.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { renderOpenMetrics, renderPrometheus } from '../../report/metrics/exposition.ts';
import { renderGitlab } from '../../report/metrics/gitlab.ts';
import { type MetricsInput, metricsOf } from '../../report/metrics/samples.ts';
import { slackText } from '../../report/slack-message.ts';
import { renderSummary } from '../../report/text.ts';
import { metricsOfRun } from '../../run/history/metrics-of-run.ts';
import { messageOfRun } from '../../run/publish/message.ts';
import { htmlOf, readReportInput, writeReports } from '../../run/verdict/write-reports.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';
import { printOrWrite, toFile, writeOut } from '../terminal/write-out.ts';
import { REPORT_FORMATS, type ReportFormat } from './report-formats.ts';
import { isHistory, reportHistoryCommand } from './report-history.ts';
import { appendSummary, type ReportOptions } from './report-output.ts';

export async function reportCommand(directory: string, options: ReportOptions): Promise<number> {
  const cli = cliContext();
  const runDir = resolve(directory);
  const { format, out, comment } = options;
  if (comment !== undefined && format !== 'github')
    throw usageError({
      subject: '--comment',
      expected: '--format github',
      got: format === undefined ? 'no --format' : `--format ${format}`,
    });
  if (isHistory(directory)) return reportHistoryCommand(directory, options);
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
  if (format === 'github') return github(cli, runDir, options);
  if (isMetricsFormat(format)) {
    const input = metricsOfRun(runDir);
    // Its own line break is the last one: an empty line is no metric.
    printOrWrite(cli, out, metricsText(format, input));
    return VERDICT_EXIT[input.night.status];
  }
  if (format === 'slack') {
    const { message, exitCode } = messageOfRun(runDir);
    printOrWrite(cli, out, slackText(message));
    return exitCode;
  }
  const input = readReportInput(runDir);
  if (out !== undefined) writeOut(out, textOf(format, input, cli));
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
  format: Exclude<ReportFormat, 'github' | 'slack' | MetricsFormat>,
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
function github(cli: CliContext, runDir: string, { out, comment }: ReportOptions): number {
  const input = readReportInput(runDir);
  appendSummary(cli, out, (room) => githubSummary(input, room));
  if (comment !== undefined) toFile('--comment', comment, githubComment(input), writeFileSync);
  cli.out(githubAnnotations(input));
  return input.result.verdict.exitCode;
}
