/** Lines of text in a file (objectives, limits): the place of each, and of a problem inside it. */

import type { Problems } from './problems.ts';
import type { Path, UserFile } from './user-file.ts';
import type { TextProblem } from './word-reader.ts';

export interface Line {
  readonly line: string;
  readonly at: Path;
}

/** The texts at a path, which holds one or a list of them; omits values that are not text. */
export function linesAt(file: UserFile, path: Path): readonly Line[] {
  const value = file.valueAt(path);
  const all = Array.isArray(value)
    ? value.map((line: unknown, index) => ({ line, at: [...path, index] }))
    : [{ line: value, at: path }];
  return all.filter((one): one is Line => typeof one.line === 'string');
}

/** @param got what to report when the line has nothing at the place of the problem. */
export function addTextProblems(
  found: readonly TextProblem[],
  at: Path,
  got: string,
  problems: Problems,
): void {
  for (const { column, expected, next, ...said } of found) {
    problems.add(at, expected, {
      got: said.got === '' ? got : said.got,
      offset: Math.max(0, column - 1),
      ...(next !== undefined && { next }),
    });
  }
}
