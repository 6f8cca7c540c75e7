/**
 * Names that a user wrote and that match nothing on the target: a guard or a victim that does not exist is a
 * mistake (64), never ignored.
 */

import type { FaultPlan } from '../../chaos/fault.ts';
import { faultNamed } from '../../chaos/faults/registry.ts';
import { planNow } from '../../chaos/injector/plan-now.ts';
import type { World } from '../../chaos/world.ts';
import type { TargetFile } from '../../config/read-target.ts';
import type { Platform } from '../../core/acts/platform.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem, show } from '../../core/errors.ts';
import type { PlannedFault } from '../../core/plan.ts';
import { dependencies } from '../../core/topology.ts';

/** With more than these, the rest is counted, not listed. */
const LISTED = 24;

/**
 * Checks `policy.protected`: services, instances, links, their ends, dependencies.
 * @throws nothing for a target that cannot be read: the next act on it then reports why.
 */
export async function protectedProblems(target: TargetFile, platform: Platform): Promise<readonly Problem[]> {
  const { protected: all, protectedBy = {} } = target.policy;
  // What the system protects is a name of the system, and the target may have no instance of it.
  const own = all.filter((name) => !Object.hasOwn(protectedBy, name));
  if (own.length === 0) return [];
  const instances = platform.instances === undefined ? [] : await platform.instances.list().catch(() => null);
  const links = platform.links === undefined ? [] : await platform.links.list().catch(() => null);
  const services = [
    ...Object.keys(platform.handle.kubernetes?.services ?? {}),
    ...target.system.services.map((one) => one.name),
  ];
  const singles = [
    ...services,
    ...(instances ?? []).flatMap((one) => [one.service, one.instance]),
    ...(links ?? []).flatMap((one) => [one.from, one.to]),
    ...dependencies(platform.topology),
  ];
  const sets = singles.flatMap((one) => /^(.+)-\d+$/.exec(one)?.[1] ?? []);
  const known = [...new Set([...singles, ...sets.filter((one) => one === 'kafka')])].sort();
  const found = [...known, ...(links ?? []).map((one) => one.name)];
  // The name may be a pod or a link that could not be listed: then only a reader with that permission can
  // decide.
  if (instances === null || links === null) return [];
  return own.flatMap((name, index): readonly Problem[] => {
    if (found.includes(name)) return [];
    const more = known.length > LISTED ? ` and ${known.length - LISTED} more` : '';
    const place = target.protectedAt[index];
    return [
      {
        subject: 'policy.protected',
        expected: `a service, an instance or a link of target ${target.name}: ${known.slice(0, LISTED).join(', ')}${more}`,
        got: show(name),
        ...didYouMean(name, found),
        ...(place !== undefined && { place }),
      },
    ];
  });
}

/**
 * For the faults of a plan, on a target of which only names are known: each mistake, and the plans that can
 * be made from names alone. The rest is checked when the target is running.
 */
export async function planOnPaper(
  faults: readonly PlannedFault[],
  world: World,
): Promise<{ readonly problems: readonly Problem[]; readonly plans: ReadonlyMap<PlannedFault, FaultPlan> }> {
  const problems: Problem[] = [];
  const plans = new Map<PlannedFault, FaultPlan>();
  for (const fault of faults) {
    try {
      plans.set(fault, await planNow(faultNamed(fault.kind), fault.spec, world));
    } catch (error) {
      if (error instanceof GauntletError && error.kind === 'usage') problems.push(...error.problems);
    }
  }
  return { problems, plans };
}
