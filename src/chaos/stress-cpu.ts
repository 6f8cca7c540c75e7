/** Which CPU is fought for: the last that all victims may use, and never the only one. */
import { GauntletError } from '../core/errors.ts';
import type { CpuUse, PinnedVictim } from '../core/stress.ts';
import type { Victim } from '../core/topology.ts';
import { isSame } from './pod-timeline.ts';
import { describeVictim } from './victims.ts';

/** @throws refused, with every reason, when a victim has one CPU alone, threads on different ones, or none in common. */
export function chooseCpu(
  fault: string,
  victims: readonly Victim[],
  uses: readonly CpuUse[],
): { readonly cpu: number; readonly pinned: readonly PinnedVictim[] } {
  const looked = victims.map((victim) => ({ victim, use: uses.find((one) => isSame(one, victim)) }));
  const pinned = looked.flatMap(({ use }) => pinnedOf(use) ?? []);
  const problems = looked
    .filter(({ victim }) => !pinned.some((one) => isSame(one.victim, victim)))
    .map(({ victim, use }) => ({
      subject: `${fault} on ${describeVictim(victim)}`,
      expected: 'a process whose threads may all use the same two CPUs or more',
      got:
        use === undefined
          ? 'one that is gone'
          : use.cpus === null
            ? 'threads on different CPUs'
            : `CPU ${use.cpus} alone`,
      ...(typeof use?.cpus === 'string' && { next: 'On one CPU the load generator would be squeezed too.' }),
    }));
  if (problems.length > 0) throw new GauntletError('refused', problems);
  const [first, ...others] = pinned.map((one) => cpuNumbers(one.cpus));
  const common = (first ?? []).filter((cpu) => others.every((list) => list.includes(cpu)));
  const cpu = Math.max(...common);
  if (Number.isFinite(cpu)) return { cpu, pinned };
  const got = pinned.map((one) => `${one.victim.instance}: ${one.cpus}`).join(', ');
  throw new GauntletError('refused', [{ subject: fault, expected: 'victims with a CPU in common', got }]);
}

/** From what the platform measured: it is the identity that it will be asked to move. */
function pinnedOf(use: CpuUse | undefined): PinnedVictim | undefined {
  if (typeof use?.cpus !== 'string' || cpuNumbers(use.cpus).length < 2) return undefined;
  const { cpus, cpuMs: _cpu, waitedMs: _waited, ...victim } = use;
  return { victim, cpus };
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
