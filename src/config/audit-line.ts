/** `audit clean` and `audit no-worse`: objectives on the namespaces of a target instead of on a flow. */
import type { AuditGoal } from '../core/audit.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import type { TextParsed } from './objective-line.ts';

const KINDS = ['clean', 'no-worse'] as const;
const EXPECTED = 'audit clean or audit no-worse';

/** Whether a line of objectives is one. */
export const isAuditLine = (line: string): boolean => /^\s*audit(\s|$)/.test(line);

export function parseAuditLine(line: string): TextParsed<Omit<AuditGoal, 'source'>> {
  const [, second, rest] = [...line.matchAll(/\S+/g)];
  const kind = KINDS.find((one) => one === second?.[0]);
  if (kind !== undefined && rest === undefined) return { ok: true, value: { name: `audit ${kind}`, kind } };
  const wrong = kind === undefined ? second : rest;
  const got = wrong === undefined ? 'the end of the line' : JSON.stringify(wrong[0]);
  const expected = kind === undefined ? EXPECTED : 'the end of the line';
  const meant = kind === undefined && second ? didYouMean(second[0], KINDS) : {};
  return { ok: false, problems: [{ column: (wrong?.index ?? line.length) + 1, expected, got, ...meant }] };
}
