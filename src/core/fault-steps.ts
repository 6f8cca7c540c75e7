/** The steps of a list of faults: each fault by itself, or all members of a group, in the order of the campaign. Pure. */
import type { FaultGroup } from './plan.ts';

export interface Grouped {
  readonly group?: FaultGroup;
}

export interface FaultStep<Member extends Grouped> {
  /** Null: one fault by itself. */
  readonly group: FaultGroup | null;
  /** Never empty. */
  readonly members: readonly Member[];
}

/** Members of one group stand next to each other; their group's name is its identity. */
export function stepsOf<Member extends Grouped>(faults: readonly Member[]): readonly FaultStep<Member>[] {
  const steps: { group: FaultGroup | null; members: Member[] }[] = [];
  for (const fault of faults) {
    const last = steps.at(-1);
    if (fault.group !== undefined && last?.group?.name === fault.group.name) last.members.push(fault);
    else steps.push({ group: fault.group ?? null, members: [fault] });
  }
  return steps;
}

export const groupName = (how: FaultGroup['how'], members: readonly string[]): string =>
  members.join(how === 'together' ? '+' : ',');

/** In the order of the campaign. A `together` group is one fault here; a `then` group has one recovery, after its last. */
export function faultPhaseNames(faults: readonly (Grouped & { readonly name: string })[]): readonly string[] {
  return stepsOf(faults).flatMap(({ group, members }) => {
    const names = members.map((one) => one.name);
    const acts = group?.how === 'together' ? [group.name] : names;
    return [...acts.map((name) => `fault:${name}`), ...acts.slice(-1).map((name) => `recovery:${name}`)];
  });
}

/** Names of repeated faults: `kill-pod` in the first round, `kill-pod@2` in the second; objectives name the fault alone. */
export const nameInRound = (fault: string, round: number): string =>
  round === 1 ? fault : `${fault}@${round}`;

export const withoutRound = (name: string): string => name.replace(/@\d+$/, '');
