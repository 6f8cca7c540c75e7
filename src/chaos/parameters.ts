/**
 * Reads a fault's block against its own list of parameters: every problem at once, unknown keys with a
 * suggestion.
 */
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import { DURATION_EXPECTED, type Ms, type Parsed, parseDuration } from '../core/units.ts';
import type { Parameter, SpecProblem } from './fault.ts';

export class SpecReader {
  readonly problems: SpecProblem[] = [];
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #parameters: readonly Parameter[];

  /** @param raw the block as its author wrote it; nothing at all is an empty block. */
  constructor(raw: unknown, parameters: readonly Parameter[]) {
    this.#parameters = parameters;
    const block = raw ?? {};
    const isBlock = typeof block === 'object' && !Array.isArray(block);
    this.#values = isBlock ? (block as Record<string, unknown>) : {};
    const names = parameters.map((one) => one.name);
    if (!isBlock) {
      this.problems.push({
        path: '',
        expected: names.length === 0 ? 'no parameters' : `parameters (${names.join(', ')})`,
        got: show(raw),
      });
    }
    for (const key of Object.keys(this.#values)) {
      if (names.includes(key)) continue;
      const expected = names.length === 0 ? 'no parameters' : `one of ${names.join(', ')}`;
      if (key === HOLD_PARAMETER.name) {
        this.problems.push({ path: key, ...NO_DURATION, got: show(this.#values[key]) });
        continue;
      }
      this.problems.push({ path: key, expected, got: show(key), ...didYouMean(key, names) });
    }
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  /**
   * The value, or the parameter's default; undefined when it is absent or wrong (then there is a problem).
   */
  take<T>(name: string, parse: (value: unknown) => Parsed<T>): T | undefined {
    const parameter = this.#parameters.find((one) => one.name === name);
    if (!this.has(name) && parameter?.required !== true && parameter?.default == null) return undefined;
    const value = this.has(name) ? this.#values[name] : (parameter?.default ?? undefined);
    const parsed = parse(value);
    if (parsed.ok) return parsed.value;
    const { expected, next } = parsed;
    this.problems.push({ path: name, expected, got: show(value), ...(next !== undefined && { next }) });
    return undefined;
  }

  add(path: string, expected: string, got: unknown, next?: string): void {
    this.problems.push({ path, expected, got: show(got), ...(next !== undefined && { next }) });
  }
}

/** A duration of at least 1 ms, the grain of timers: a fault that is held for no time cannot be proven. */
export function parseHold(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  if (parsed.ok && parsed.value >= 1) return parsed;
  if (parsed.ok && parsed.value > 0) return { ok: false, expected: 'a duration of at least 1ms' };
  if (!parsed.ok && parsed.expected !== DURATION_EXPECTED) return parsed;
  return { ok: false, expected: `${DURATION_EXPECTED}, greater than 0` };
}

export const HOLD_PARAMETER: Parameter = {
  name: 'for',
  meaning: 'how long the fault is held, counted from the instant at which it was proven',
  unit: 'duration',
  default: null,
  required: true,
  allowed: DURATION_EXPECTED,
};

/** To a fault that is over when it is done (decision 004). */
const NO_DURATION = {
  expected: 'nothing: this fault has no duration, it is over when it is done',
  next: 'Leave it out (on the command line: --for).',
} as const;

export const oneOf =
  <const Word extends string>(...words: readonly Word[]) =>
  (value: unknown): Parsed<Word> => {
    const found = words.find((word) => word === value);
    return found === undefined
      ? { ok: false, expected: `one of ${words.join(', ')}`, ...didYouMean(String(value), words) }
      : { ok: true, value: found };
  };

/** `true` and `false` as YAML has them, and as text from a command line. */
export function parseSwitch(value: unknown): Parsed<boolean> {
  if (value === true || value === 'true') return { ok: true, value: true };
  if (value === false || value === 'false') return { ok: true, value: false };
  return { ok: false, expected: 'true or false', ...didYouMean(String(value), ['true', 'false']) };
}
