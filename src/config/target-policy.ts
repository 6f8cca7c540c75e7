/**
 * What a target allows: its `policy`, and what its system protects. Older files, which name neither a schema
 * nor a system, have only their own list. In the sandbox nothing of a system is protected.
 */
import { didYouMean } from '../core/did-you-mean.ts';
import type { TargetPolicy } from '../core/policy.ts';
import type { System } from '../core/system.ts';
import { matching } from './name-pattern.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import type { TargetShape } from './target.ts';

type Policed = Pick<Partly<TargetShape>, 'platform' | 'policy' | 'schema' | 'system'>;

export function policyOf(target: TargetShape, system: System): TargetPolicy {
  const { optIn = false, protected: own = [], hours = 'any', load } = target.policy ?? {};
  const bySystem = protectedIn(target, system);
  const lifted = liftedOf(target, bySystem);
  const kept = bySystem.filter((name) => !lifted.includes(name) && !own.includes(name));
  return {
    optIn,
    protected: [...own, ...kept],
    ...(kept.length > 0 && {
      protectedBy: Object.fromEntries(kept.map((name) => [name, `system ${system.name}`])),
    }),
    ...(lifted.length > 0 && { unprotected: lifted }),
    hours,
    load: { optIn: load?.optIn ?? optIn, maxRate: load?.maxRate ?? null },
  };
}

/** What the system protects on this target, before the target lifts any of it. */
function protectedIn(target: Policed, { services }: System): readonly string[] {
  const isOlder = target.schema === undefined && target.system === undefined;
  if (isOlder || target.platform === 'sandbox') return [];
  return services.filter((one) => one.isProtected).map((one) => one.name);
}

const liftedOf = ({ policy }: Policed, bySystem: readonly string[]): readonly string[] =>
  bySystem.filter((name) =>
    (policy?.unprotected ?? []).some((one) => one !== undefined && matching(one, [name]).length > 0),
  );

/** A name that lifts nothing is a mistake: its author relies on it. */
export function checkPolicy(target: Policed, system: System, problems: Problems): void {
  const { protected: own = [], unprotected = [] } = target.policy ?? {};
  const known = protectedIn(target, system);
  for (const [index, name] of unprotected.entries()) {
    if (name === undefined) continue;
    const path = ['policy', 'unprotected', index];
    const lifts = matching(name, known);
    if (lifts.length === 0) {
      const which = known.length === 0 ? whyNone(target, system) : `one of ${known.join(', ')}`;
      problems.add(path, `a service that the system protects here: ${which}`, didYouMean(name, known));
    } else if (lifts.some((one) => own.includes(one))) {
      problems.add(path, 'each service in only one of protected and unprotected');
    }
  }
}

function whyNone(target: Policed, { name }: System): string {
  if (target.platform === 'sandbox') return 'none, because in the sandbox only policy.protected protects';
  if (target.schema === undefined && target.system === undefined)
    return 'none, because the file names no system, and then only policy.protected protects';
  return `system ${name} protects none`;
}
