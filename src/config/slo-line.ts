/**
 * `slo NAME in PHASE`: an objective whose limit the system declares. The line is read as if that limit stood
 * in its place, and keeps the name and the source of the SLO.
 */
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { Objective } from '../core/objective.ts';
import { own } from '../core/own.ts';
import { type KnownNames, parseObjective, type TextParsed } from './objective-line.ts';

const SLO = /^(\s*slo\s+)(\S+)/;
const BARE = /^\s*slo\s*$/;

/** Null for a source: the comment after the line gives it. */
export function parseGoal(text: unknown, known: KnownNames): TextParsed<Objective> {
  const line = typeof text === 'string' ? text : '';
  const [, before = '', name = ''] = SLO.exec(line) ?? [];
  if (name === '' && !BARE.test(line)) {
    const parsed = parseObjective(text, known);
    return parsed.ok ? { ok: true, value: { ...parsed.value, source: null } } : parsed;
  }
  const slos = known.slos ?? {};
  const slo = own(slos, name);
  const column = before.length + 1;
  if (slo === undefined) {
    const names = Object.keys(slos);
    const expected =
      names.length === 0
        ? 'an SLO, but the system declares none'
        : `an SLO of the system: ${names.join(', ')}`;
    const got = name === '' ? 'the end of the line' : show(name);
    const next = didYouMean(name, names).next;
    const problem = { column: name === '' ? line.length + 1 : column, expected, got };
    return { ok: false, problems: [{ ...problem, ...(next !== undefined && { next }) }] };
  }
  const rest = line.slice(before.length + name.length);
  const parsed = parseObjective(`${slo.limit}${rest}`, known);
  if (parsed.ok) {
    const { value } = parsed;
    const words = line.trim().replace(/\s+/g, ' ');
    return { ok: true, value: { ...value, name: `${words} (${slo.limit})`, source: slo.source } };
  }
  return {
    ok: false,
    problems: parsed.problems.map((problem) => {
      const isInLimit = problem.column <= slo.limit.length;
      const shifted = problem.column - slo.limit.length + before.length + name.length;
      const limit = `(in the limit ${show(slo.limit)} of this SLO)`;
      return {
        ...problem,
        column: isInLimit ? column : shifted,
        expected: isInLimit ? `${problem.expected} ${limit}` : problem.expected,
      };
    }),
  };
}
