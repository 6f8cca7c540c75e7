/**
 * Parses data by a schema, and keeps the parts that could be parsed, so that cross checks can continue with
 * them.
 */
import type { z } from 'zod';
import type { Path } from './user-file.ts';

/** Any part may be missing because it was wrong. */
export type Partly<T> = T extends number | string | boolean | null
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (Partly<Item> | undefined)[]
    : { readonly [Key in keyof T]?: Partly<T[Key]> | undefined };

export interface ReadPartly<Schema extends z.ZodType> {
  /** Undefined when nothing could be parsed. */
  readonly value: Partly<z.output<Schema>> | undefined;
  readonly issues: readonly z.core.$ZodIssue[];
}

export function readPartly<Schema extends z.ZodType>(schema: Schema, input: unknown): ReadPartly<Schema> {
  let seen: unknown;
  // Zod returns nothing for a value with an issue; a check that always runs receives what was parsed before
  // it.
  const watched = schema.refine(
    (value) => {
      seen = value;
      return true;
    },
    { when: () => true },
  );
  const { error } = watched.safeParse(input);
  const issues = error?.issues ?? [];
  const value = without(
    seen,
    issues.map((issue) => issue.path),
  );
  return { value: value as Partly<z.output<Schema>> | undefined, issues };
}

/** A copy in which the values at these paths are undefined. */
function without(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0) return value;
  if (typeof value !== 'object' || value === null || paths.some((path) => path.length === 0))
    return undefined;
  const below = (key: string): readonly Path[] =>
    paths.filter(([first]) => String(first) === key).map((path) => path.slice(1));
  if (Array.isArray(value)) return value.map((item, index) => without(item, below(String(index))));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, without(one, below(key))]));
}
