/** `planner -> kafka, orders-*`: who dials whom; names may end in `*`. */
import { didYouMean } from '../../core/did-you-mean.ts';
import type { SystemLink } from '../../core/system.ts';
import type { Refusal } from '../forms.ts';
import { matching } from '../name-pattern.ts';

export const LINK = 'a line such as "orders -> cache, bus"';

export type ReadLinks =
  | { readonly ok: true; readonly links: readonly SystemLink[] }
  | ({ readonly ok: false } & Refusal);

/** @param services names of all services. */
export function linksOf(line: string, services: readonly string[]): ReadLinks {
  const ends = line.split('->');
  const [left = '', right = ''] = ends;
  const [froms, tos] = [namesIn(left), namesIn(right)];
  if (ends.length !== 2 || froms.length === 0 || tos.length === 0) return { ok: false, expected: LINK };
  for (const name of [...froms, ...tos]) {
    if (matching(name, services).length > 0) continue;
    const next = didYouMean(name, services);
    return { ok: false, expected: `a service: one of ${services.join(', ')}`, got: `"${name}"`, ...next };
  }
  const pairs = froms.flatMap((from) =>
    matching(from, services).flatMap((one) =>
      tos.flatMap((to) => matching(to, services).map((other) => ({ from: one, to: other }))),
    ),
  );
  return { ok: true, links: pairs.filter(({ from, to }) => from !== to) };
}

const namesIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
