/** Puts problems of a line of text where its author can see them: columns of the text become columns of the file. */
import { show } from '../core/errors.ts';
import type { TextProblem } from '../measure/objective-text.ts';
import type { YamlNode, YamlProblems } from '../system/yaml-reader.ts';

export function placed(
  item: YamlNode,
  problems: YamlProblems,
  subject: string,
  found: readonly TextProblem[],
): void {
  for (const problem of found) {
    const { column, ...said } = problem;
    const place = { ...item.place, column: item.place.column + Math.max(0, column - 1) };
    problems.add(place, { subject, ...said, got: said.got === '' ? show(item.value) : said.got });
  }
}
