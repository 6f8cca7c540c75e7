/**
 * The one table from zod's issues to our words. A schema says what it expects, as the text of its `error`;
 * the rest is here.
 */
import type { z } from 'zod';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { Path } from './user-file.ts';

/** What a schema or a cross check may say besides what it expects. */
export interface Said {
  /** Instead of the dotted keys of its place. */
  readonly subject?: string;
  /** Instead of the value that is there; null: nothing was got, the rule says it all. */
  readonly got?: string | null;
  readonly next?: string;
  /** It is the key that is wrong, and these are the keys that may stand there. */
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
 * One problem for each place: a value that breaks two rules at once (below 1, and no whole number) has one
 * text for both.
 * @param valueAt what is written at a path.
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
      // A text where a map belongs may be a secret: only its kind is told.
      return issue.expected === 'object' ? { got: kindOf(value) } : {};
    default:
      return {};
  }
}

/** What a problem says that was got, and the fix. */
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
