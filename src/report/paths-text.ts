/** Paths on a terminal. */
import { plain } from '../core/plain.ts';
import type { ReportInput } from './input.ts';
import { PATH_TITLES, PATHS_TITLE, pathLines, pathNotes } from './paths.ts';
import { cell, renderGroups, type TextStyle } from './terminal-table.ts';

/** Below this, the percentiles alone have room. */
const WIDE = 110;
const TIMES = 4;

/** Empty for a run that follows none. */
export function pathsText(
  { result: { paths } }: ReportInput,
  style: TextStyle,
  title: (text: string) => string,
  wrap: (text: string, width: number) => string,
): readonly string[] {
  if (paths === undefined) return [];
  const [, ...titles] = PATH_TITLES;
  const narrow = [0, 2, 3, 4, 5, 6, 7, 9];
  const shown = titles.map((_, at) => at).filter((at) => style.width >= WIDE || narrow.includes(at));
  const columns = shown.map((at) => ({
    title: at === 0 ? `  ${titles[at]?.toLowerCase()}` : (titles[at]?.toLowerCase() ?? ''),
    align: at === 0 ? ('left' as const) : ('right' as const),
  }));
  const lines = pathLines(paths);
  const groups = [...new Set(lines.map((one) => one.flow))].map((flow) => ({
    title: plain(flow),
    rows: lines
      .filter((one) => one.flow === flow)
      .map(({ phase, cells, isBad, isOpen }) =>
        shown.map((at) =>
          at === 0
            ? cell(`  ${plain(phase)}`)
            : cell(cells[at - 1] ?? '', at < TIMES ? 'plain' : isBad ? 'bad' : isOpen ? 'warn' : 'plain'),
        ),
      ),
  }));
  return [
    title(PATHS_TITLE),
    renderGroups(columns, groups, style),
    ...pathNotes(paths).map((one) => wrap(plain(one), style.width)),
    '',
  ];
}
