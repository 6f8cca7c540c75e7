/**
 * Whether JSON from a disk has the shape that its type promises. A type that gains a field missing from its
 * schema does not compile: an unchecked field could reach a judge or a page with any value.
 */
import type { z } from 'zod';

/** A type after JSON: no brands, nothing readonly, every key present. */
export type Bare<T> = unknown extends T
  ? unknown
  : T extends number
    ? number
    : T extends string | boolean | null
      ? T
      : T extends readonly (infer Item)[]
        ? Bare<Item>[]
        : { -readonly [Key in keyof T]-?: Bare<Exclude<T[Key], undefined>> };

/** `true` when both have the same fields with the same types; otherwise assigning `true` does not compile. */
export type SameShape<A, B> = [Bare<A>] extends [Bare<B>]
  ? [Bare<B>] extends [Bare<A>]
    ? true
    : { readonly notInTheSchema: Exclude<keyof A, keyof B> }
  : { readonly notInTheType: Exclude<keyof B, keyof A> };

export interface ShapeProblem {
  /** Keys and indices from the root to the place. */
  readonly path: readonly (string | number)[];
  /** `faults[0].name: expected string, received object`. */
  readonly text: string;
}

/** The first mismatch, or null. Ignores keys that the schema does not know. */
export function shapeProblem(schema: z.ZodType, value: unknown): ShapeProblem | null {
  const { error } = schema.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return null;
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const what = issue.message
    .replace(/^Invalid input: /, '')
    .replace(/^Invalid input$/, 'not one of the known forms');
  return { path, text: path.length === 0 ? what : `${pathText(path)}: ${what}` };
}

const pathText = (path: readonly (string | number)[]): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');
