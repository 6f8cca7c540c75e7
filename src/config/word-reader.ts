/** Reads a line word by word, and knows the column of each: the base of our one-line languages. */
import { didYouMean } from '../core/did-you-mean.ts';
import type { Parsed } from '../core/units.ts';

export interface TextProblem {
  /** 1-based column in the text. */
  readonly column: number;
  readonly expected: string;
  readonly got: string;
  readonly next?: string;
}

interface Word {
  readonly text: string;
  readonly column: number;
}

/** Reads the words of a line in order and collects the problems in them. */
export class Reader {
  readonly problems: TextProblem[] = [];
  readonly #words: readonly Word[];
  readonly #end: number;
  #at = 0;

  constructor(text: unknown) {
    const line = typeof text === 'string' ? text : '';
    this.#words = [...line.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
    this.#end = line.length + 1;
  }

  peek(ahead = 0): string {
    return this.#words[this.#at + ahead]?.text ?? '';
  }

  column(): number {
    return this.#words[this.#at]?.column ?? this.#end;
  }

  next(): Word {
    this.#at += 1;
    return this.#words[this.#at - 1] ?? { text: '', column: this.#end };
  }

  word(expected: string, said: string): void {
    const { text, column } = this.next();
    if (text !== expected) this.problem(column, said, text, didYouMean(text, [expected]).next);
  }

  oneOf(names: readonly string[], what: string): string | undefined {
    const { text, column } = this.next();
    if (names.includes(text)) return text;
    const meant = text === '' ? {} : didYouMean(text, names);
    const expected =
      names.length === 0 ? `a ${what}, but the campaign has none` : `a ${what}: ${names.join(', ')}`;
    this.problem(column, expected, text, meant.next);
    return undefined;
  }

  value<T>(parse: (text: unknown) => Parsed<T>): T | undefined {
    const { text, column } = this.next();
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    this.problem(column, parsed.expected, text);
    return undefined;
  }

  end(): void {
    const rest = this.#words[this.#at];
    if (rest) this.problem(rest.column, 'the end of the line', rest.text);
  }

  /**
   * Only the first problem in a word sequence is certain: after a missing word, the next one is read in its
   * place.
   */
  problem(column: number, expected: string, got: string, next?: string): void {
    const said = got === '' ? 'the end of the line' : JSON.stringify(got);
    this.problems.push({ column, expected, got: said, ...(next !== undefined && { next }) });
  }

  failed(): { readonly ok: false; readonly problems: readonly TextProblem[] } {
    return { ok: false, problems: this.problems.slice(0, 1) };
  }
}
