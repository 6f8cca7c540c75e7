/**
 * The steps of a list of faults: each fault by itself, or all members of a group, in the order of the
 * campaign. Pure.
 */
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

/** Members of one group are adjacent; their group's name is its identity. */
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

export const faultPhase = (name: string): string => `fault:${name}`;
export const recoveryPhase = (name: string): string => `recovery:${name}`;

/** The fault or group that a phase's name refers to; null for phases without one. */
export function faultOfPhase(
  phase: string,
): { readonly part: 'fault' | 'recovery'; readonly name: string } | null {
  const [, part, name] = /^(fault|recovery):(.+)$/.exec(phase) ?? [];
  return (part === 'fault' || part === 'recovery') && name !== undefined ? { part, name } : null;
}

/**
 * In the order of the campaign. A `together` group is one fault here; a `then` group has one recovery, after
 * its last member.
 */
export function faultPhaseNames(faults: readonly (Grouped & { readonly name: string })[]): readonly string[] {
  return stepsOf(faults).flatMap(({ group, members }) => {
    const names = members.map((one) => one.name);
    const acts = group?.how === 'together' ? [group.name] : names;
    return [...acts.map(faultPhase), ...acts.slice(-1).map(recoveryPhase)];
  });
}

/**
 * Names of repeated faults: `kill-pod` in the first round, `kill-pod@2` in the second; objectives name the
 * fault alone.
 */
export const nameInRound = (fault: string, round: number): string =>
  round === 1 ? fault : `${fault}@${round}`;

export const withoutRound = (name: string): string => name.replace(/@\d+$/, '');
