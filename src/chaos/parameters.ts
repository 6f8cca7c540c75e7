/**
 * The parameters of a fault as a schema: the meaning and the form of each, and how a block of them is parsed.
 */
import { z } from 'zod';
import { block, isMap } from '../config/forms.ts';
import { gotAndNext, type IssueWords, wordsOf } from '../config/issue-words.ts';
import { type Partly, readPartly } from '../config/partly.ts';
import type { Path } from '../config/user-file.ts';
import { durationBy } from '../config/words/duration.ts';
import { reading } from '../config/words/word.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import { DURATION_EXPECTED, type Ms, type Parsed, parseDuration } from '../core/units.ts';

/** `path` is the key inside the fault's block; empty = the block itself. */
export interface SpecProblem {
  readonly path: string;
  readonly expected: string;
  readonly got?: string;
  readonly next?: string;
}

/** `holdMs` null: the fault ends when it is done. `endsInMs`: how long that may take; absent: as usual. */
export type ParsedFault<Spec = unknown> =
  | { readonly ok: true; readonly spec: Spec; readonly holdMs: Ms | null; readonly endsInMs?: Ms }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

export type Parameters<Shape extends z.ZodRawShape = z.ZodRawShape> = z.ZodObject<Shape, z.core.$strict>;

/** A parameter's description in `gauntlet faults NAME`. */
export interface About {
  readonly meaning: string;
  /** The allowed values, as text. */
  readonly allowed: string;
  /** `duration`, `bandwidth`; absent without a unit. */
  readonly unit?: string;
}

const ABOUT = z.registry<About>();

export function parameter<Schema extends z.ZodType>(schema: Schema, about: About): Schema {
  const described = schema.describe(`${about.meaning}: ${about.allowed}`);
  ABOUT.add(described, about);
  return described;
}

/** A block of parameters and no others. */
export const parameters = <Shape extends z.ZodRawShape>(shape: Shape): Parameters<Shape> => block(shape);

export interface Described extends About {
  readonly name: string;
  /** As a user would write it; null = there is none. */
  readonly default: string | null;
  readonly required: boolean;
}

/** In the order in which they are declared. */
export const describeParameters = (schema: Parameters): readonly Described[] =>
  Object.entries(schema.shape).map(([name, written]) => {
    const { inner, fallback, required } = unwrapped(written as z.ZodType);
    const about = ABOUT.get(inner) ?? { meaning: '', allowed: '' };
    return { name, ...about, default: fallback, required };
  });

function unwrapped(written: z.ZodType) {
  let [inner, required, fallback] = [written, true, null as string | null];
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault) {
    if (inner instanceof z.ZodPrefault) fallback = String(inner.def.defaultValue);
    required = false;
    inner = inner.unwrap() as z.ZodType;
  }
  return { inner, required, fallback };
}

/** The input of a check that compares parameters with each other. */
export interface Checking {
  /** Whether it was written, even if it could not be parsed. */
  has(name: string): boolean;
  add(name: string, expected: string, got: unknown): void;
}

/**
 * How a fault parses its block: reports every problem at once. A missing block is an empty one, and a
 * parameter without a value is one that was not written.
 * @param specOf from all parameters, when none is wrong. @param check dependencies between parameters, on the
 * parsed ones.
 */
export function parserOf<Shape extends z.ZodRawShape, Spec>(
  schema: Parameters<Shape>,
  specOf: (given: z.output<Parameters<Shape>>) => Spec,
  check?: (given: Partly<z.output<Parameters<Shape>>>, checking: Checking) => void,
): (raw: unknown) => ParsedFault<Spec> {
  return (raw) => {
    const written = isMap(raw)
      ? Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null))
      : (raw ?? {});
    const has = (name: string): boolean => isMap(written) && Object.hasOwn(written, name);
    const valueAt = (path: Path): unknown =>
      path.length === 0 ? written : isMap(written) ? written[String(path[0])] : undefined;
    const { value, issues } = readPartly(schema, written);
    // Unknown keys come first: a missing parameter may be one of them, misspelt.
    const said = wordsOf(issues, valueAt).sort((a, b) => Number(isKey(b)) - Number(isKey(a)));
    const problems = said.map((one) => problemOf(one, valueAt));
    const add = (path: string, expected: string, got: unknown): void => {
      problems.push({ path, expected, got: show(got) });
    };
    if (value !== undefined) check?.(value, { has, add });
    if (problems.length > 0) return { ok: false, problems };
    const given = value as z.output<Parameters<Shape>>;
    const { for: hold, timeout } = given as { readonly for?: Ms; readonly timeout?: Ms };
    const ends = timeout === undefined ? {} : { endsInMs: timeout };
    return { ok: true, spec: specOf(given), holdMs: hold ?? null, ...ends };
  };
}

const isKey = ({ said }: IssueWords): boolean => said.keys !== undefined;

function problemOf({ path, expected, said }: IssueWords, valueAt: (path: Path) => unknown): SpecProblem {
  const name = path.map(String).join('.');
  if (said.keys && name === 'for') return { path: name, ...NO_DURATION, got: show(valueAt(path)) };
  return { path: name, expected, ...gotAndNext(path, said, valueAt) };
}

/** The error for a duration of a fault that ends when it is done (decision 004). */
const NO_DURATION = {
  expected: 'nothing: this fault has no duration, it ends when it is done',
  next: 'Leave it out (on the command line: --for).',
} as const;

const HOLD_EXPECTED = `${DURATION_EXPECTED}, greater than 0`;

/** A duration of at least 1 ms, the resolution of timers: a fault without a hold cannot be proven. */
export const heldFor = durationBy(parseHold, 'at least 1ms', HOLD_EXPECTED);

function parseHold(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  if (parsed.ok && parsed.value >= 1) return parsed;
  if (parsed.ok && parsed.value > 0) return { ok: false, expected: 'a duration of at least 1ms' };
  if (!parsed.ok && parsed.expected !== DURATION_EXPECTED) return parsed;
  return { ok: false, expected: HOLD_EXPECTED };
}

export const HOLD_PARAMETER = parameter(heldFor, {
  meaning: 'how long the fault is held, counted from the instant at which it was proven',
  allowed: DURATION_EXPECTED,
  unit: 'duration',
});

/** A text with a given form. */
export const matching = (pattern: RegExp, expected: string) =>
  reading(
    (value): Parsed<string> =>
      typeof value === 'string' && pattern.test(value) ? { ok: true, value } : { ok: false, expected },
    { type: 'string', pattern: pattern.source },
  );

/** `true` and `false` as in YAML, and as text from a command line. */
const yesOrNo = reading(
  (value): Parsed<boolean> => {
    if (value === true || value === 'true') return { ok: true, value: true };
    if (value === false || value === 'false') return { ok: true, value: false };
    return { ok: false, expected: 'true or false', ...didYouMean(String(value), ['true', 'false']) };
  },
  { type: ['boolean', 'string'], pattern: '^(true|false)$' },
);

/** A declaration: no unless it is written. */
export const declared = (meaning: string) =>
  parameter(yesOrNo, { meaning, allowed: 'true or false' }).prefault('false');
