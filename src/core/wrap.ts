/** Text for people, broken at blanks. */

/**
 * @param columns greatest length of a line, including `first` and `rest`; a longer word gets its own line.
 * @param first begins the first line, `rest` each further one.
 */
export function wrapped(text: string, columns: number, first = '', rest = first): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
