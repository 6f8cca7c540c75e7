/** Whether an answer is good, as a system file says it. */
import { show } from './errors.ts';
import type { Wanted, WantedFields } from './system.ts';

export interface GoodAnswer {
  /** Inclusive ranges. */
  readonly statuses: readonly (readonly [number, number])[];
  readonly fields: WantedFields;
}

/** The first field that is not as it should be. */
export interface Mismatch {
  readonly path: string;
  /** Undefined: there is none. */
  readonly got: unknown;
}

/** Null: the answer is good. @param answer as parsed from JSON. */
export function mismatchOf(fields: WantedFields, answer: unknown): Mismatch | null {
  for (const [path, wanted] of Object.entries(fields)) {
    const got = at(answer, path);
    if (!isAsWanted(wanted, got)) return { path, got };
  }
  return null;
}

/** What a probe calls such an answer: `not-serving`, `status missing`. */
export function mismatchWord({ path, got }: Mismatch): string {
  if (got === undefined) return `${path} missing`;
  if (typeof got === 'string' && /^[\w -]{1,40}$/.test(got)) return got.toLowerCase().replaceAll('_', '-');
  return `${path} ${JSON.stringify(got).slice(0, 40)}`;
}

/** For people: `status "lost"`, `no status`. */
export const mismatchText = ({ path, got }: Mismatch): string =>
  got === undefined ? `no ${path}` : `${path} ${show(got)}`;

/** `status processed, routed`, for a sentence that says what is expected. */
export const wantedText = (fields: WantedFields): string =>
  Object.entries(fields)
    .map(([path, wanted]) => `${path} ${textOf(wanted)}`)
    .join(' and ');

function textOf(wanted: Wanted): string {
  switch (wanted.kind) {
    case 'one-of':
      return wanted.values.map(String).join(', ');
    case 'not':
      return `other than ${String(wanted.value)}`;
    case 'exists':
      return wanted.exists ? 'present' : 'absent';
    case 'matches':
      return `like ${wanted.pattern}`;
  }
}

function isAsWanted(wanted: Wanted, got: unknown): boolean {
  switch (wanted.kind) {
    case 'one-of':
      return wanted.values.some((one) => Object.is(one, got));
    case 'not':
      return got !== undefined && !Object.is(wanted.value, got);
    case 'exists':
      return (got !== undefined) === wanted.exists;
    case 'matches':
      return typeof got === 'string' && new RegExp(wanted.pattern).test(got);
  }
}

/** A part of a path may be an index: `items.0.id`. */
const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, key) => {
    const isThere = typeof part === 'object' && part !== null && Object.hasOwn(part, key);
    return isThere ? (part as Readonly<Record<string, unknown>>)[key] : undefined;
  }, value);

/** Whether a status is in one of these inclusive ranges. */
export const isIn = (status: number, ranges: readonly (readonly [number, number])[]): boolean =>
  ranges.some(([from, to]) => status >= from && status <= to);

/** `200`, `200 to 299`. */
export const rangesText = (ranges: readonly (readonly [number, number])[]): string =>
  ranges.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(' or ');
