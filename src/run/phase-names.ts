/** What the phases of faults are called; the cuts themselves are in phases.ts. */
import { type Grouped, stepsOf } from '../core/fault-steps.ts';

/** In the order of the campaign. A `together` group is one fault here; a `then` group has one recovery, after its last. */
export function faultPhaseNames(faults: readonly (Grouped & { readonly name: string })[]): readonly string[] {
  return stepsOf(faults).flatMap(({ group, members }) => {
    const names = members.map((one) => one.name);
    const acts = group?.how === 'together' ? [group.name] : names;
    return [...acts.map((name) => `fault:${name}`), ...acts.slice(-1).map((name) => `recovery:${name}`)];
  });
}
