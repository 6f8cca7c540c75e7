/** A terminal table that never exceeds its width: the widest text column is shortened first, cut with `…`. */
import Table from 'cli-table3';
import pc from 'picocolors';
import { type Tone, tonePainter } from './tone.ts';

export interface TextStyle {
  /** Columns of the terminal, at least 72: the numbers alone need that much. */
  readonly width: number;
  readonly color: boolean;
}

export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export interface TextCell {
  readonly text: string;
  readonly tone: Tone;
}

export const cell = (text: string, tone: Tone = 'plain'): TextCell => ({ text, tone });

const GAP = 2;
/** A word in a narrower column cannot be recognised. */
const LEAST = 8;

const lengthOf = (text: string): number => [...text].length;

/** Shortens one column at a time, always the text column that is currently widest. */
function shrink(widths: number[], columns: readonly TextColumn[], room: number): number[] {
  let over = widths.reduce((sum, width) => sum + width + GAP, 0) - room;
  while (over > 0) {
    const texts = widths.map((width, index) => (columns[index]?.align === 'left' ? width : 0));
    const widest = texts.indexOf(Math.max(...texts));
    const width = widths[widest] ?? 0;
    if (width <= LEAST) break;
    widths[widest] = width - 1;
    over -= 1;
  }
  return widths;
}

const cut = (text: string, width: number): string =>
  lengthOf(text) > width ? `${[...text].slice(0, width - 1).join('')}…` : text;

export interface TextGroup {
  /** On a line of its own above its rows, or null. */
  readonly title: string | null;
  readonly tone?: Tone;
  readonly rows: readonly (readonly TextCell[])[];
}

const EDGES = ['top', 'bottom', 'left', 'right', 'mid', 'middle'].flatMap((edge) =>
  edge === 'middle' ? [edge] : [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`],
);
const NO_LINES: Readonly<Record<string, string>> = Object.fromEntries(
  [...EDGES, 'mid-mid'].map((edge) => [edge, '']),
);

/** One set of columns over all groups; lines have no trailing blanks, the titles come first. */
export function renderGroups(
  columns: readonly TextColumn[],
  groups: readonly TextGroup[],
  style: TextStyle,
): string {
  const paint = tonePainter(pc.createColors(style.color));
  const rows = groups.flatMap((group) => group.rows);
  const natural = columns.map((column, index) =>
    Math.max(lengthOf(column.title), ...rows.map((row) => lengthOf(row[index]?.text ?? ''))),
  );
  const widths = shrink(natural, columns, style.width + GAP);
  const table = new Table({
    chars: NO_LINES,
    // cli-table3 counts the padding into colWidths.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colAligns: columns.map((column) => column.align),
    colWidths: widths.map((width) => width + GAP),
  });
  const fit = (row: readonly TextCell[]): string[] =>
    row.map((one, index) => paint(cut(one.text, widths[index] ?? 0), one.tone));
  table.push(fit(columns.map((column) => cell(column.title, 'soft'))));
  for (const group of groups) {
    if (group.title !== null) {
      const title = paint(cut(group.title, style.width - GAP), group.tone ?? 'strong');
      table.push([{ content: title, colSpan: columns.length, hAlign: 'left' }]);
    }
    table.push(...group.rows.map(fit));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
