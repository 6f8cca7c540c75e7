/** `gauntlet report <history>`: what the nights of a history say, as text, Markdown, metrics or for GitHub. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../core/errors.ts';
import { redact, redactAll } from '../../core/secrets.ts';
import type { Trend } from '../../core/trend.ts';
import { VERDICT_EXIT } from '../../core/verdict.ts';
import { trendAnnotations, trendSummary } from '../../report/github-trend.ts';
import { renderOpenMetrics, renderPrometheus } from '../../report/metrics/exposition.ts';
import { renderTrendMarkdown } from '../../report/trend-markdown.ts';
import { trendText } from '../../report/trend-text.ts';
import { MARKER } from '../../run/history/paths.ts';
import { metricsOfTrends, statusOfTrends, trendsOfHistory } from '../../run/nightly/trends-of-history.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';
import { printOrWrite } from '../terminal/write-out.ts';
import { withHistory } from './history/with-history.ts';
import type { ReportFormat } from './report-formats.ts';
import { appendSummary, type ReportOptions } from './report-output.ts';

const FORMATS = [
  'text',
  'md',
  'json',
  'prom',
  'openmetrics',
  'github',
] as const satisfies readonly ReportFormat[];
type HistoryFormat = (typeof FORMATS)[number];

/** A branch of git, or a folder with the marker of a history. */
export const isHistory = (where: string): boolean =>
  where.startsWith('git:') || existsSync(join(where, MARKER));

export async function reportHistoryCommand(where: string, options: ReportOptions): Promise<number> {
  const cli = cliContext();
  const format = formatOf(options.format ?? 'text');
  const trends = await withHistory(cli, where, trendsOfHistory);
  if (format === 'github') {
    appendSummary(cli, options.out, (room) => trendSummary(trends, room));
    cli.out(trendAnnotations(trends));
  } else if (format === 'json' && options.out === undefined) cli.json(jsonOf(trends));
  else printOrWrite(cli, options.out, textOf(format, trends, cli, options.out !== undefined));
  return VERDICT_EXIT[statusOfTrends(trends)];
}

function formatOf(format: ReportFormat): HistoryFormat {
  const found = FORMATS.find((one) => one === format);
  if (found !== undefined) return found;
  throw usageError({
    subject: '--format',
    expected: `for a history one of ${FORMATS.join(', ')}`,
    got: format,
    next: 'Give the folder of one run for the other formats.',
  });
}

function textOf(
  format: Exclude<HistoryFormat, 'github'>,
  trends: readonly Trend[],
  cli: CliContext,
  isFile: boolean,
): string {
  switch (format) {
    case 'text':
      return `${trends.map((one) => trendText(one, { width: cli.width, color: cli.color && !isFile })).join('\n\n')}\n`;
    case 'md':
      return trends.map((one) => renderTrendMarkdown(one)).join('\n');
    case 'json':
      return `${JSON.stringify(redactAll(jsonOf(trends)), null, 2)}\n`;
    case 'prom':
      return redact(renderPrometheus(metricsOfTrends(trends)));
    case 'openmetrics':
      return redact(renderOpenMetrics(metricsOfTrends(trends)));
  }
}

/** The nights are named, not repeated. */
const jsonOf = (trends: readonly Trend[]): object => ({
  trends: trends.map(({ nights, ...rest }) => ({ ...rest, nights: nights.map((one) => one.id) })),
});
