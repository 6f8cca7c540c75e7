/** A trend as Markdown: the answer in the first line, a row a headline series, and the rest folded. */
import type { Trend } from '../core/trend.ts';
import { escapeMarkdown } from './escape.ts';
import { bytes, fitParts, type Part } from './fit-parts.ts';
import { mdTable } from './md-table.ts';
import {
  changeLines,
  foldedOf,
  gapLines,
  headlineOf,
  pooledRows,
  quarantineLines,
  RECOVERY_TITLES,
  SERIES_TITLES,
  segmentLines,
  seriesRows,
  spanText,
} from './trend-rows.ts';

/** Names and reasons are clipped: what is longer says no more. */
const MOST_CHARACTERS = 1000;
const md = (text: string): string => escapeMarkdown([...text].slice(0, MOST_CHARACTERS).join(''));

/** @param room bytes that may be used. */
export const renderTrendMarkdown = (trend: Trend, room = 1024 * 1024): string =>
  fitParts(trendParts(trend), room, bytes);

/** For a summary that holds more than the trend. */
export function trendParts(trend: Trend): readonly Part[] {
  const pooled = pooledRows(trend);
  const headline = headlineOf(trend);
  return [
    { lines: [`### ${md(trend.headline)}`, '', md(spanText(trend))] },
    ...(headline.length === 0 ? [] : [{ lines: ['', ...seriesTable(trend, headline)] }]),
    ...(pooled.length === 0 ? [] : [{ lines: ['', ...pooledTable(trend)] }]),
    ...listed('Changes', changeLines(trend)),
    ...listed('Segments', segmentLines(trend)),
    ...listed('Gaps', gapLines(trend)),
    ...listed('In quarantine', quarantineLines(trend)),
    ...(foldedOf(trend).length === 0
      ? []
      : [folded(`${foldedOf(trend).length} more series`, seriesTable(trend, foldedOf(trend)))]),
  ];
}

function seriesTable(trend: Trend, series: Trend['series']): readonly string[] {
  const rows = seriesRows(trend, series).map(({ name, newest, state, change, on, pin, recent }) => [
    ...[md(name), newest, `**${state}**`, md(`${change}${on}`), pin, recent],
  ]);
  return mdTable(SERIES_TITLES, 'lrlrrr', rows);
}

function pooledTable(trend: Trend): readonly string[] {
  const rows = pooledRows(trend).map(({ name, rounds, share, median }) => [
    ...[md(name), rounds, share, md(median)],
  ]);
  return mdTable(RECOVERY_TITLES, 'lrrr', rows);
}

const folded = (title: string, lines: readonly string[]): Part => ({
  lines: ['', `<details><summary>${title}</summary>`, '', ...lines],
  end: ['', '</details>'],
});

const listed = (title: string, lines: readonly string[]): readonly Part[] =>
  lines.length === 0
    ? []
    : [
        folded(
          `${title} (${lines.length})`,
          lines.map((one) => `- ${md(one)}`),
        ),
      ];
