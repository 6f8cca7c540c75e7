/** A trend on a terminal: the answer first, then a row a headline series, then what it rests on. */
import pc from 'picocolors';
import { plain } from '../core/plain.ts';
import type { Trend } from '../core/trend.ts';
import { cell, renderGroups, type TextColumn, type TextStyle } from './terminal-table.ts';
import { toneOfStatus, tonePainter } from './tone.ts';
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

/** From this width on days, intervals and the comparison with the last nights are shown too. */
const WIDE = 150;

export function trendText(trend: Trend, style: TextStyle): string {
  const say = tonePainter(pc.createColors(style.color));
  const { status, headline } = trend;
  const answer = plain(headline);
  const end = answer.indexOf(':');
  const folded = foldedOf(trend).length;
  return [
    `${say(answer.slice(0, end), status === null ? 'warn' : toneOfStatus(status))}${answer.slice(end)}`,
    '',
    ...seriesTable(trend, style),
    ...(folded === 0 ? [] : [`${folded} more series are folded: gauntlet history export has them.`]),
    ...pooledTable(trend, style),
    ...listOf('Changes', changeLines(trend), say),
    ...listOf('Segments', segmentLines(trend), say),
    ...listOf('Gaps', gapLines(trend), say),
    ...listOf('In quarantine', quarantineLines(trend), say),
    '',
    plain(spanText(trend)),
  ].join('\n');
}

type Say = ReturnType<typeof tonePainter>;

const listOf = (title: string, lines: readonly string[], say: Say): readonly string[] =>
  lines.length === 0 ? [] : ['', say(title, 'strong'), ...lines.map((one) => `  ${plain(one)}`)];

const columnsOf = (titles: readonly string[]): readonly TextColumn[] =>
  titles.map((title, at) => ({ title: title.toLowerCase(), align: at === 0 ? 'left' : 'right' }));

function seriesTable(trend: Trend, style: TextStyle): readonly string[] {
  const rows = seriesRows(trend, headlineOf(trend));
  if (rows.length === 0) return ['No series: no night has a baseline or a recovery.'];
  const isWide = style.width >= WIDE;
  const cells = rows.map((row) => [
    cell(plain(row.name)),
    cell(row.newest),
    cell(row.state, row.tone),
    cell(plain(`${row.change}${isWide ? row.on : ''}`)),
    cell(isWide ? row.pin : row.pinShort, row.pinTone),
    ...(isWide ? [cell(row.recent)] : []),
  ]);
  const titles = SERIES_TITLES.slice(0, isWide ? undefined : -1);
  return [renderGroups(columnsOf(titles), [{ title: null, rows: cells }], style)];
}

function pooledTable(trend: Trend, style: TextStyle): readonly string[] {
  const rows = pooledRows(trend);
  if (rows.length === 0) return [];
  const cells = rows.map(({ name, rounds, share, median, tone }) => [
    cell(plain(name)),
    ...[rounds, share].map((text) => cell(text)),
    cell(median, tone),
  ]);
  return ['', renderGroups(columnsOf(RECOVERY_TITLES), [{ title: null, rows: cells }], style)];
}
