/** Files with mistakes, and what Gauntlet says about them: `### title`, the file, and each line of the answer behind `=> `. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GoldenCase {
  readonly title: string;
  readonly yaml: string;
}

export const goldenFile = (kind: 'campaigns' | 'targets'): string =>
  join(import.meta.dirname, 'golden', `${kind}.txt`);

export const goldenCases = (kind: 'campaigns' | 'targets'): readonly GoldenCase[] =>
  readFileSync(goldenFile(kind), 'utf8')
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n');
      return { title, yaml: lines.join('\n').split(/^=> /m)[0] ?? '' };
    });
