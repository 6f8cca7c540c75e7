/**
 * The one table from zod's issues to our messages. A schema states what it expects, in the text of its
 * `error`; the rest is here.
 */
import type { z } from 'zod';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { Path } from './user-file.ts';

/** Details that a schema or a cross check may add to what it expects. */
export interface Said {
  /** Replaces the dotted keys of its place. */
  readonly subject?: string;
  /** Replaces the value that was read; null: nothing was read, the rule is enough. */
  readonly got?: string | null;
  readonly next?: string;
  /** The key is wrong, and these are the allowed keys. */
  readonly keys?: readonly string[];
  /** Characters from the start of the value, for a problem inside a text. */
  readonly offset?: number;
}

export interface IssueWords {
  readonly path: Path;
  readonly expected: string;
  readonly said: Said;
}

/**
 * One problem for each place: a value that breaks two rules at once (below 1, and not a whole number) gets
 * one text for both.
 * @param valueAt the value at a path.
 */
export function wordsOf(issues: readonly z.core.$ZodIssue[], valueAt: (path: Path) => unknown): IssueWords[] {
  const firsts = new Map<string, z.core.$ZodIssue>();
  for (const issue of issues) {
    const place = issue.path.map(String).join('\0');
    if (!firsts.has(place)) firsts.set(place, issue);
  }
  return [...firsts.values()].map((issue) => ({
    path: issue.path,
    expected: issue.message,
    said: saidOf(issue, valueAt(issue.path)),
  }));
}

function saidOf(issue: z.core.$ZodIssue, value: unknown): Said {
  switch (issue.code) {
    case 'custom':
      return (issue.params ?? {}) as Said;
    case 'invalid_value':
      return typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : {};
    case 'invalid_key':
      return { keys: [] };
    case 'invalid_type':
      // A text in place of a map may be a secret: report only its kind.
      return issue.expected === 'object' ? { got: kindOf(value) } : {};
    default:
      return {};
  }
}

/** What a problem reports as read, and the fix. */
export function gotAndNext(
  path: Path,
  said: Said,
  valueAt: (path: Path) => unknown,
): { readonly got?: string; readonly next?: string } {
  const written = said.keys ? String(path.at(-1)) : valueAt(path);
  const got = said.got === undefined ? show(written) : said.got;
  const next = said.next ?? (said.keys && didYouMean(String(written), said.keys).next);
  return { ...(got !== null && { got }), ...(next !== undefined && { next }) };
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}
