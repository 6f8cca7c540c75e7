/** What GitHub Actions shows of a history. */
import { plain } from '../core/plain.ts';
import type { Trend } from '../core/trend.ts';
import { escapeCommand, escapeCommandProperty } from './escape.ts';
import { bytes, fitParts } from './fit-parts.ts';
import { trendParts } from './trend-markdown.ts';

/** One annotation a campaign and target; GitHub shows ten of a step. */
export const trendAnnotations = (trends: readonly Trend[]): string =>
  trends
    .slice(0, 10)
    .map(({ campaign, environment, status, headline }) => {
      const level = status === 'FAIL' ? 'error' : status === 'INCONCLUSIVE' ? 'warning' : 'notice';
      const title = escapeCommandProperty(plain(`${campaign} on ${environment}`));
      return `::${level} title=${title}::${escapeCommand(plain(headline))}`;
    })
    .join('\n');

/** @param room in bytes. */
export const trendSummary = (trends: readonly Trend[], room: number): string =>
  fitParts(trends.flatMap(trendParts), room, bytes);
