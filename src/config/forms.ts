/**
 * The forms of values in our files: a map with known keys, one of several maps, a list, a whole number, one
 * of several words.
 */
import { z } from 'zod';
import type { Said } from './issue-words.ts';
import { readPartly } from './partly.ts';

/** A map with exactly these keys. */
export function block<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape);
  const params: Said = { keys };
  const [what, which] =
    keys.length === 0
      ? ['no parameters', 'no parameters']
      : [`a map with ${keys.join(', ')}`, `one of ${keys.join(', ')}`];
  // Zod's own issue for unknown keys does not list the known keys, and is one issue for all unknown ones.
  const unknownKey = z.custom<never>(() => false, { error: which, params, abort: false });
  return z
    .object(shape, { error: what })
    .catchall(unknownKey)
    .meta({ additionalProperties: false }) as unknown as z.ZodObject<Shape, z.core.$strict>;
}

/** A key without a value equals a missing key. */
export const orNothing = <Schema extends z.ZodType, Value>(schema: Schema, instead: Value) =>
  schema.nullish().transform((value) => (value ?? instead) as NonNullable<z.output<Schema>> | Value);

export interface Refusal extends Said {
  readonly path?: readonly PropertyKey[];
  readonly expected: string;
}

/**
 * The schemas that a choice selects from, for JSON Schema. Typed unknown here, because zod would widen their
 * types.
 */
export const CHOICES = z.registry<{ readonly options: readonly unknown[] }>();

/**
 * One of several forms. `pick` selects the form before it is checked: a mistake is then reported by the rules
 * of that form only, while a zod union would report the rules of all.
 * @param pick the name of an option, or why none fits.
 */
export function choice<Options extends Readonly<Record<string, z.ZodType>>>(
  options: Options,
  pick: (value: unknown) => (keyof Options & string) | Refusal,
): z.ZodType<z.output<Options[keyof Options]>> {
  const chosen = z.unknown().transform((value, ctx): unknown => {
    const picked = pick(value);
    if (typeof picked !== 'string') {
      const { path = [], expected, ...params } = picked;
      ctx.issues.push({ code: 'custom', input: value, message: expected, path: [...path], params });
      return undefined;
    }
    const read = readPartly(options[picked] as z.ZodType, value);
    for (const issue of read.issues) ctx.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    return read.value;
  });
  return chosen.register(CHOICES, { options: Object.values(options) }) as unknown as z.ZodType<
    z.output<Options[keyof Options]>
  >;
}

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param expected with an example. */
export const listOf = <Item extends z.ZodType>(item: Item, expected: string, least = 0): z.ZodArray<Item> =>
  z.array(item, { error: expected }).min(least, { error: expected });

/** One line, or a list of them. */
export function lines(expected: string): z.ZodType<string | readonly string[]> {
  const line = z.string({ error: expected });
  return choice({ one: line, several: z.array(line, { error: expected }) }, (value) =>
    Array.isArray(value) ? 'several' : 'one',
  );
}

/** @param error the rule in words, such as `a whole number of rounds from 1 to 100`. */
export function wholeNumber(from: number, to: number, error: string): z.ZodNumber {
  return z.number({ error }).int({ error }).min(from, { error }).max(to, { error });
}

export const oneOf = <const Words extends readonly [string, ...string[]]>(
  words: Words,
  expected = `one of ${words.join(', ')}`,
) => z.enum(words, { error: expected });

export const yesOrNo = z.boolean({ error: 'true or false' });
