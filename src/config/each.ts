/**
 * `each: { kind: [a, b] }`: one entry per word, with `{kind}` replaced in its name and in all of its texts.
 */
import { isMap } from './forms.ts';

/** The words of one entry: `{kind}` → `business`. */
export type Filled = Readonly<Record<string, string>>;

/** Every combination, in the order written. One empty combination without `each`. */
export function combinations(each: Readonly<Record<string, readonly string[]>>): readonly Filled[] {
  return Object.entries(each).reduce<readonly Filled[]>(
    (all, [key, words]) => all.flatMap((one) => words.map((word) => ({ ...one, [key]: word }))),
    [{}],
  );
}

/** Texts and keys of a value with its words in place; all other values as they are. */
export function fill(value: unknown, words: Filled): unknown {
  if (typeof value === 'string') return fillText(value, words);
  if (Array.isArray(value)) return value.map((item) => fill(item, words));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [fillText(key, words), fill(one, words)]),
  );
}

/** `${id}` is another language and stays. */
export const fillText = (text: string, words: Filled): string =>
  text.replace(/(\$?)\{([a-z]+)\}/g, (whole, dollar: string, key: string) =>
    dollar === '' && Object.hasOwn(words, key) ? (words[key] ?? '') : whole,
  );

/** `{kind}` of a name that no word fills. */
export const unfilled = (text: string): string | undefined => /(?<!\$)\{[a-z]+\}/.exec(text)?.[0];
