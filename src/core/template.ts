/** `${id}`, `${now}` and `${orders.address}` in the texts of a question. */

/** @returns the text of a word, or undefined when it is none: it then stays as it is written. */
export type Words = (name: string) => string | undefined;

const WORD = /\$\{([A-Za-z0-9.-]+)\}/g;

export const fillTemplate = (text: string, words: Words): string =>
  text.replace(WORD, (whole, name: string) => words(name) ?? whole);

/** The same in all texts of a value, keys excepted. */
export function fillTexts(value: unknown, words: Words): unknown {
  if (typeof value === 'string') return fillTemplate(value, words);
  if (Array.isArray(value)) return value.map((item) => fillTexts(item, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillTexts(one, words)]));
}
