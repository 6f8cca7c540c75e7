/** Which CPU is shared: the last one that all victims may use, and never the only one. */

import type { CpuUse, PinnedVictim } from '../../../core/acts/stress-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import { describeVictim, isSameVictim, type ProcessVictim } from '../../../core/topology.ts';

/**
 * @throws refused, with every reason, when a victim has only one CPU, threads on different ones, or none in
 * common with the others.
 */
export function chooseCpu(
  fault: string,
  victims: readonly ProcessVictim[],
  uses: readonly CpuUse[],
): { readonly cpu: number; readonly pinned: readonly PinnedVictim[] } {
  const looked = victims.map((victim) => ({
    victim,
    cpus: uses.find((one) => isSameVictim(one, victim))?.cpus,
  }));
  const pinned = looked.flatMap(({ victim, cpus }) =>
    typeof cpus === 'string' && cpuNumbers(cpus).length > 1 ? [{ victim, cpus }] : [],
  );
  const problems = looked
    .filter(({ victim }) => !pinned.some((one) => isSameVictim(one.victim, victim)))
    .map(({ victim, cpus }) => ({
      subject: `${fault} on ${describeVictim(victim)}`,
      expected: 'a process whose threads may all use the same two CPUs or more',
      got:
        cpus === undefined
          ? 'one that has ended'
          : cpus === null
            ? 'threads on different CPUs'
            : `CPU ${cpus} alone`,
      next: 'On one CPU the load generator would be slowed too.',
    }));
  if (problems.length > 0) throw new GauntletError('refused', problems);
  const [first, ...others] = pinned.map((one) => cpuNumbers(one.cpus));
  const common = (first ?? []).filter((cpu) => others.every((list) => list.includes(cpu)));
  const cpu = Math.max(...common);
  if (Number.isFinite(cpu)) return { cpu, pinned };
  const got = pinned.map((one) => `${one.victim.instance}: ${one.cpus}`).join(', ');
  throw new GauntletError('refused', [{ subject: fault, expected: 'victims with a CPU in common', got }]);
}

/** `0-1,4` → 0, 1, 4 (cpuset(7), list format). */
export function cpuNumbers(list: string): readonly number[] {
  return list.split(',').flatMap((part) => {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (range === null) return [];
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
