/**
 * A word of our files: a text with a meaning, such as `8s`. One codec each, with its description for editors
 * and docs.
 */
import { z } from 'zod';
import type { Parsed } from '../../core/units.ts';

export interface About<Value> {
  /** Its name in JSON Schemas; absent for a variant that only one place uses. */
  readonly id?: string;
  readonly description: string;
  readonly examples: readonly string[];
  /** What an error reports as expected. */
  readonly expected: string;
  /** The fix, for any wrong value. */
  readonly next?: string;
  /** Its pattern, for editors; `read` may refuse more. */
  readonly pattern: RegExp;
  read(text: string): Parsed<Value>;
  /** The reverse of `read`. */
  write(value: Value): string;
  /** A wrong value may be a secret, and is not repeated. */
  readonly isSecret?: true;
}

export type Word<Value> = z.ZodCodec<z.ZodUnknown, z.ZodCustom<Value, Value>>;

export function word<Value>(about: About<Value>): Word<Value> {
  const { id, description, examples, expected, pattern, isSecret, next } = about;
  const written = z.unknown().meta({ type: 'string', pattern: pattern.source });
  const codec = z.codec(written, z.custom<Value>(), {
    decode(text, ctx) {
      const parsed: Parsed<Value> = typeof text === 'string' ? about.read(text) : { ok: false, expected };
      if (parsed.ok) return parsed.value;
      const fix = parsed.next ?? next;
      const params = {
        ...(fix !== undefined && { next: fix }),
        ...(isSecret && text !== undefined && { got: 'something else' }),
      };
      ctx.issues.push({ code: 'custom', input: text, message: parsed.expected, params });
      return z.NEVER;
    },
    encode: about.write,
  });
  return codec.meta({ ...(id !== undefined && { id }), description, examples: [...examples] });
}

/** A word whose value is its own text. */
export const textWord = (about: Omit<About<string>, 'read' | 'write'>): Word<string> =>
  word<string>({
    ...about,
    read: (text) =>
      about.pattern.test(text) ? { ok: true, value: text } : { ok: false, expected: about.expected },
    write: (text) => text,
  });

/**
 * A value other than plain text: numbers that may be written as text, lists, words of a small language.
 * @param json how editors check it, as a part of a JSON Schema.
 */
export const reading = <Value>(
  read: (value: unknown) => Parsed<Value>,
  json: Readonly<Record<string, unknown>>,
): z.ZodPipe<z.ZodUnknown, z.ZodTransform<Value, unknown>> =>
  z
    .unknown()
    .meta({ ...json })
    .transform((value, ctx): Value => {
      const parsed = read(value);
      if (parsed.ok) return parsed.value;
      const params = parsed.next === undefined ? {} : { next: parsed.next };
      ctx.issues.push({ code: 'custom', input: value, message: parsed.expected, params });
      return z.NEVER;
    });
