/** Which service a planned fault breaks, as far as its parameters say so. Pure. */
import { EVERYTHING } from './declared-links.ts';
import type { PlannedFault } from './plan.ts';

/** Faults of one dependency, whose parameters do not repeat its name. */
const OF_ONE_SERVICE: readonly (readonly [RegExp, string])[] = [
  [/redis/, 'redis'],
  [/kafka|broker/, 'kafka'],
];

/** Of a link the end that is called: its callers lose it. @returns null: the parameters name none. */
export function serviceOfFault({ kind, spec }: Pick<PlannedFault, 'kind' | 'spec'>): string | null {
  for (const key of spec.to === EVERYTHING ? ['from'] : ['service', 'to']) {
    const named = spec[key];
    if (typeof named === 'string' && named !== '') return named;
  }
  return OF_ONE_SERVICE.find(([pattern]) => pattern.test(kind))?.[1] ?? null;
}
