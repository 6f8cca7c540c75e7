/** The report on a part that was looked for: where it was found, or why not and what to type. */
import { formatProblem, type Problem } from '../../core/errors.ts';
import type { PartName, PartReport } from '../../core/tools.ts';
import type { Outcome } from './part.ts';

export interface Advice {
  /** `Redis 7 or newer`. */
  readonly needed: string;
  /** The alternative for a user who does not want or cannot use `gauntlet doctor --fix`. */
  readonly byHand: string;
}

const FIX_COMMAND = 'gauntlet doctor --fix';

/** @param verb `fix`: a download was already tried, so it is not suggested. */
export function partReport<Name extends PartName>(
  name: Name,
  { hit, tried, wrong }: Outcome<unknown>,
  { byHand }: Advice,
  verb: 'inspect' | 'fix',
): PartReport {
  if (hit !== null) {
    const origin = hit.note === undefined ? hit.origin : `${hit.origin} (${hit.note})`;
    return { name, found: { name, version: hit.version, path: hit.path, origin }, tried, fix: '' };
  }
  const advised = verb === 'fix' ? byHand : `${FIX_COMMAND}; or ${byHand}`;
  return { name, found: null, tried, fix: wrong === null ? advised : formatProblem(wrong) };
}

/** Empty when the part is there. */
export function partProblems(
  name: PartName,
  { hit, tried, wrong }: Outcome<unknown>,
  { needed, byHand }: Advice,
): readonly Problem[] {
  if (hit !== null) return [];
  if (wrong !== null) return [wrong];
  const got = `none (${tried.map(({ way, why }) => `${way}: ${why}`).join('; ')})`;
  return [{ subject: name, expected: needed, got, next: `Type: ${FIX_COMMAND}; or ${byHand}.` }];
}
