/** Plain texts of a system file. */
import { textWord } from '../words/word.ts';

export const textOf = (pattern: RegExp, expected: string) =>
  textWord({ description: expected, examples: [], expected, pattern });

export const text = (expected: string) => textOf(/\S/, expected);
