/**
 * Reads the JSON that a stand-in gets as its only argument, and reports all of its problems in one error. It
 * uses no schema library, which would cost each of the nine processes about 60 ms of start-up.
 */
import { readFileSync } from 'node:fs';
import { GauntletError, messageOf, type Problem, show } from '../../../../src/core/errors.ts';

/** The object in argv[2]: JSON itself (it begins with a brace), or the path of a file that holds it. */
export function readArgument(argument: string | undefined): Readonly<Record<string, unknown>> {
  const expected = 'a JSON object, or the path of a file that holds one';
  if (argument === undefined) fail([{ subject: 'first argument', expected, got: 'nothing' }]);
  try {
    const text = argument.trimStart().startsWith('{') ? argument : readFileSync(argument, 'utf8');
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    fail([{ subject: 'first argument', expected, got: messageOf(error) }]);
  }
  fail([{ subject: 'first argument', expected, got: show(argument) }]);
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads fields one by one and collects problems; `finish` throws them together. An unknown key is a problem
 * too.
 */
export class ConfigReader {
  readonly #source: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #problems: Problem[];
  readonly #asked = new Set<string>();
  readonly #children: ConfigReader[] = [];

  constructor(source: Readonly<Record<string, unknown>>, path = '', problems: Problem[] = []) {
    this.#source = source;
    this.#path = path;
    this.#problems = problems;
  }

  has(key: string): boolean {
    return this.#source[key] !== undefined;
  }

  text(key: string, fallback?: string): string {
    const value = this.#take(key, fallback);
    return typeof value === 'string' && value !== '' ? value : this.#wrong(key, 'a text', value, '');
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], fallback?: T): T {
    const value = this.#take(key, fallback);
    const found = allowed.find((one) => one === value);
    return found ?? this.#wrong(key, `one of ${allowed.join(', ')}`, value, allowed[0] as T);
  }

  /** A number from `min` to `max`, both included; with `whole`, an integer. */
  number(key: string, limits: { min: number; max: number; whole?: boolean }, fallback?: number): number {
    const value = this.#take(key, fallback);
    const fits = typeof value === 'number' && value >= limits.min && value <= limits.max;
    if (fits && (!limits.whole || Number.isInteger(value))) return value;
    const noun = limits.whole ? 'a whole number' : 'a number';
    return this.#wrong(key, `${noun} from ${limits.min} to ${limits.max}`, value, limits.min);
  }

  port(key: string): number {
    return this.number(key, { min: 0, max: 65_535, whole: true });
  }

  /** Milliseconds, up to a day. */
  ms(key: string, fallback: number): number {
    return this.number(key, { min: 0, max: 86_400_000 }, fallback);
  }

  texts(key: string): readonly string[] {
    const value = this.#take(key);
    const fits = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
    return fits ? value : this.#wrong(key, 'a list of texts that is not empty', value, []);
  }

  object(key: string): ConfigReader {
    const value = this.#take(key);
    const source = isObject(value) ? value : this.#wrong(key, 'an object', value, {});
    const child = new ConfigReader(source, `${this.#path}${key}.`, this.#problems);
    this.#children.push(child);
    return child;
  }

  /** @throws usage error that names every problem found. */
  finish(): void {
    this.#reportUnknown();
    if (this.#problems.length > 0) fail(this.#problems);
  }

  #reportUnknown(): void {
    for (const key of Object.keys(this.#source)) {
      if (this.#asked.has(key)) continue;
      const allowed = [...this.#asked].join(', ');
      this.#problems.push({ subject: `${this.#path}${key}`, expected: `one of ${allowed}`, got: show(key) });
    }
    for (const child of this.#children) child.#reportUnknown();
  }

  #take(key: string, fallback?: unknown): unknown {
    this.#asked.add(key);
    return this.#source[key] ?? fallback;
  }

  #wrong<T>(key: string, expected: string, value: unknown, instead: T): T {
    this.#problems.push({ subject: `${this.#path}${key}`, expected, got: show(value) });
    return instead;
  }
}

function fail(problems: readonly Problem[]): never {
  throw new GauntletError('usage', problems);
}
