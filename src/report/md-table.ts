/** A table of GitHub-flavoured Markdown. */

/** `align`: one letter per column, l or r. Cells are already Markdown. */
export function mdTable(
  titles: readonly string[],
  align: string,
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = [...align].map((side) => (side === 'r' ? '---:' : '---'));
  return [line(titles), line(rule), ...rows.map(line)];
}
