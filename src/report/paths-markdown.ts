/** Paths in Markdown. */
import type { PathResult } from '../core/paths.ts';
import { escapeMarkdown } from './escape.ts';
import { mdTable } from './md-table.ts';
import { PATH_TITLES, PATHS_LEAD, pathLines, pathNotes } from './paths.ts';

const md = escapeMarkdown;

export function pathsMarkdown(paths: Readonly<Record<string, PathResult>>): readonly string[] {
  const rows = pathLines(paths).map(({ flow, phase, cells }) => [md(flow), md(phase), ...cells]);
  const notes = pathNotes(paths).map((one) => `- ${md(one)}`);
  return [
    PATHS_LEAD,
    '',
    ...mdTable(PATH_TITLES, `ll${'r'.repeat(PATH_TITLES.length - 2)}`, rows),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ];
}
