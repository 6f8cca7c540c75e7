/**
 * Field checks with pydantic 2's error types and messages, all problems at once, in the order of the model's
 * fields.
 */
import { isObject } from '../config-reader.ts';

/** One entry of FastAPI's `detail`. */
export interface Detail {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

type Location = readonly (string | number)[];

export function checkBody<T>(
  body: Buffer,
  read: (reader: FieldReader) => T,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: readonly Detail[] } {
  if (body.length === 0) {
    return {
      ok: false,
      detail: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
    };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return { ok: false, detail: [jsonInvalid(error)] };
  }
  const detail: Detail[] = [];
  if (!isObject(parsed)) return { ok: false, detail: [notAModel(['body'], parsed)] };
  const value = read(new FieldReader(parsed, ['body'], detail));
  return detail.length === 0 ? { ok: true, value } : { ok: false, detail };
}

export const missing = (loc: Location, input: unknown): Detail => ({
  type: 'missing',
  loc,
  msg: 'Field required',
  input,
});

const notAModel = (loc: Location, input: unknown): Detail => ({
  type: 'model_attributes_type',
  loc,
  msg: 'Input should be a valid dictionary or object to extract fields from',
  input,
});

function jsonInvalid(error: unknown): Detail {
  // Only some of V8's messages contain the position; Python's always do.
  const position = /position (\d+)/.exec(String(error))?.[1];
  return {
    type: 'json_invalid',
    loc: ['body', Number(position ?? 0)],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: 'Expecting value' },
  };
}

export class FieldReader {
  readonly #source: Readonly<Record<string, unknown>>;
  readonly #loc: Location;
  readonly #detail: Detail[];

  constructor(source: Readonly<Record<string, unknown>>, loc: Location, detail: Detail[]) {
    this.#source = source;
    this.#loc = loc;
    this.#detail = detail;
  }

  string(key: string, limits: { readonly min?: number; readonly max?: number }, fallback?: string): string {
    const input = this.#source[key];
    const loc = [...this.#loc, key];
    if (input === undefined) {
      if (fallback === undefined) this.#detail.push(missing(loc, this.#source));
      return fallback ?? '';
    }
    if (typeof input !== 'string') {
      this.#detail.push({ type: 'string_type', loc, msg: 'Input should be a valid string', input });
      return '';
    }
    // Python counts code points, JavaScript code units.
    const length = [...input].length;
    if (limits.min !== undefined && length < limits.min) {
      const msg = `String should have at least ${limits.min} character${limits.min === 1 ? '' : 's'}`;
      this.#detail.push({ type: 'string_too_short', loc, msg, input, ctx: { min_length: limits.min } });
    }
    if (limits.max !== undefined && length > limits.max) {
      const msg = `String should have at most ${limits.max} characters`;
      this.#detail.push({ type: 'string_too_long', loc, msg, input, ctx: { max_length: limits.max } });
    }
    return input;
  }

  nullableString(key: string): string | null {
    return this.#isNull(key) ? null : this.string(key, {}, '');
  }

  choice(key: string, allowed: readonly string[], fallback: string): string {
    const input = this.#source[key];
    if (input === undefined) return fallback;
    if (typeof input === 'string' && allowed.includes(input)) return input;
    const quoted = allowed.map((one) => `'${one}'`);
    const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
    const msg = `Input should be ${expected}`;
    this.#detail.push({ type: 'enum', loc: [...this.#loc, key], msg, input, ctx: { expected } });
    return fallback;
  }

  integer(
    key: string,
    limits: { readonly ge?: number; readonly le?: number; readonly gt?: number },
    fallback: number | null,
  ): number | null {
    const input = this.#source[key];
    if (input === undefined || (input === null && fallback === null)) return fallback;
    const loc = [...this.#loc, key];
    const value = this.#asInteger(input, loc);
    if (value === undefined) return fallback;
    const bounds = [
      [limits.ge, value >= (limits.ge ?? value), 'greater_than_equal', 'greater than or equal to', 'ge'],
      [limits.le, value <= (limits.le ?? value), 'less_than_equal', 'less than or equal to', 'le'],
      [limits.gt, limits.gt === undefined || value > limits.gt, 'greater_than', 'greater than', 'gt'],
    ] as const;
    for (const [bound, holds, type, words, name] of bounds) {
      if (holds) continue;
      this.#detail.push({
        type,
        loc,
        msg: `Input should be ${words} ${bound}`,
        input,
        ctx: { [name]: bound },
      });
    }
    return value;
  }

  /** Lax mode: a string of digits and a float without a fraction are integers too. */
  #asInteger(input: unknown, loc: Location): number | undefined {
    if (typeof input === 'boolean') return Number(input);
    if (typeof input === 'number' && Number.isInteger(input)) return input;
    if (typeof input === 'string' && /^\s*[+-]?\d+(\.0+)?\s*$/.test(input)) return Number(input);
    const start = 'Input should be a valid integer';
    const [type, msg] =
      typeof input === 'number'
        ? ['int_from_float', `${start}, got a number with a fractional part`]
        : typeof input === 'string'
          ? ['int_parsing', `${start}, unable to parse string as an integer`]
          : ['int_type', start];
    this.#detail.push({ type, loc, msg, input });
    return undefined;
  }

  strings(key: string): readonly string[] {
    const input = this.#source[key];
    if (input === undefined) return [];
    const loc = [...this.#loc, key];
    if (!Array.isArray(input)) {
      this.#detail.push({ type: 'list_type', loc, msg: 'Input should be a valid list', input });
      return [];
    }
    const list: readonly unknown[] = input;
    for (const [index, item] of list.entries()) {
      if (typeof item === 'string') continue;
      const msg = 'Input should be a valid string';
      this.#detail.push({ type: 'string_type', loc: [...loc, index], msg, input: item });
    }
    return list.filter((item) => typeof item === 'string');
  }

  nullableDatetime(key: string): string | number | null {
    if (this.#isNull(key)) return null;
    const input = this.#source[key];
    const loc = [...this.#loc, key];
    if (typeof input === 'number' && Number.isFinite(input)) return input;
    if (typeof input !== 'string') {
      this.#detail.push({ type: 'datetime_type', loc, msg: 'Input should be a valid datetime', input });
      return null;
    }
    const shape = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?$/;
    if (shape.test(input) && !Number.isNaN(Date.parse(input.replace(' ', 'T')))) return input;
    const error = input.length < 10 ? 'input is too short' : 'invalid character in year';
    const msg = `Input should be a valid datetime or date, ${error}`;
    this.#detail.push({ type: 'datetime_from_date_parsing', loc, msg, input, ctx: { error } });
    return null;
  }

  nullableModel<T>(key: string, read: (reader: FieldReader) => T): T | null {
    if (this.#isNull(key)) return null;
    const input = this.#source[key];
    const loc = [...this.#loc, key];
    if (isObject(input)) return read(new FieldReader(input, loc, this.#detail));
    this.#detail.push(notAModel(loc, input));
    return null;
  }

  #isNull(key: string): boolean {
    return this.#source[key] === undefined || this.#source[key] === null;
  }
}
