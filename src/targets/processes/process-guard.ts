/** What stands against a fault on processes: those of another user can be seen, and not acted upon. */
import type { ActName } from '../../core/acts/act-names.ts';
import type { PlatformGuard } from '../../core/acts/platform.ts';
import type { Problem } from '../../core/errors.ts';
import { describeVictim, isProcess, type ProcessVictim } from '../../core/topology.ts';
import { textIn } from '../../system/text-in.ts';

interface Users {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

interface Right {
  readonly acts: readonly ActName[];
  readonly to: string;
  /** Over processes of any user (capabilities(7)), as a bit of CapEff. Absent: none gives it. */
  readonly bit?: bigint;
  /** kill(2), sched_setaffinity(2), and a write to cgroup.procs (v1) with one to oom_score_adj. */
  readonly isOwn: (ours: Users, theirs: Users) => boolean;
}

const ROOT = 0;

const RIGHTS: readonly Right[] = [
  {
    acts: ['instances.signal', 'instances.stop'],
    to: 'signal it',
    bit: 5n,
    isOwn: (ours, { real, saved }) =>
      [ours.real, ours.effective].some((one) => one === real || one === saved),
  },
  {
    acts: ['stress.begin'],
    to: 'choose its CPUs',
    bit: 23n,
    isOwn: (ours, { real, effective }) => ours.effective === real || ours.effective === effective,
  },
  {
    acts: ['memory.begin'],
    to: 'move it to another memory cgroup',
    isOwn: ({ effective }, theirs) =>
      effective === ROOT || [theirs.real, theirs.effective, theirs.saved].every((one) => one === effective),
  },
];

/** @param statusOf the text of /proc/PID/status; undefined when there is no such process. */
export function processGuard(statusOf = readStatus): PlatformGuard {
  return {
    async refusals(victims, acts) {
      const wanted = RIGHTS.filter((right) => right.acts.some((one) => acts.includes(one)));
      const self = statusOf('self');
      const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(self ?? '')?.[1] ?? '0'}`);
      const missing = wanted.filter(({ bit }) => bit === undefined || ((held >> bit) & 1n) === 0n);
      return victims.filter(isProcess).flatMap((victim) => problemsOf(victim, missing, self, statusOf));
    },
  };
}

function problemsOf(
  victim: ProcessVictim,
  missing: readonly Right[],
  self: string | undefined,
  statusOf: typeof readStatus,
): readonly Problem[] {
  const [theirs, ours] = [usersIn(statusOf(victim.pid)), usersIn(self)];
  // It ended since it was chosen: the act then finds nobody.
  if (theirs === undefined || ours === undefined) return [];
  const got = `a process of user ${theirs.real}, and Gauntlet runs as user ${ours.effective}`;
  const next = 'Run Gauntlet as the user of the services, or as root.';
  const subject = describeVictim(victim);
  return missing
    .filter((right) => !right.isOwn(ours, theirs))
    .map(({ to }) => ({ subject, expected: `the right to ${to}`, got, next }));
}

/** `Uid:` has real, effective, saved and file system. */
function usersIn(status: string | undefined): Users | undefined {
  const [real, effective, saved] =
    /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)/m
      .exec(status ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  return real === undefined || effective === undefined || saved === undefined
    ? undefined
    : { real, effective, saved };
}

const readStatus = (which: number | 'self'): string | undefined => textIn(`/proc/${which}/status`);
