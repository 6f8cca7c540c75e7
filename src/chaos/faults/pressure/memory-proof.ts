/**
 * When memory exhaustion counts as proven: the kernel reports that it killed the victim for lack of memory in
 * the victim's own cgroup, and callers observe a dead instance. A victim that ended for another reason, or a
 * hog that was killed instead, proves nothing, and the evidence states that.
 */
import { type MemoryStressState, MIB } from '../../../core/acts/memory-acts.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { judgeKill, type KillAct } from '../instances/kill-proof.ts';

export type MemoryAct = KillAct & {
  readonly id: string;
  readonly limitBytes: number;
};

/** @param probed false when no probe can observe the service. */
export function judgeMemory(act: MemoryAct, probed: boolean, evidence: Evidence): Proof {
  const kill = judgeKill(act, probed, evidence);
  const state = evidence.snapshots.at(-1)?.memory?.find((one) => one.id === act.id);
  if (state === undefined) {
    const failed = evidence.snapshots.at(-1)?.failed;
    const text = failed === undefined ? 'no cgroup of the victim exists' : `its state is unknown: ${failed}`;
    return { kind: 'not-yet', held: kill.held, fresh: kill.fresh, evidence: text };
  }
  const text = `${kill.evidence}; ${describe(state)}`;
  if (kill.kind === 'seen' && state.victimKills > 0) return { ...kill, evidence: text };
  return { kind: 'not-yet', held: kill.held, fresh: kill.fresh, evidence: text };
}

function describe({ limitBytes, usedBytes, hits, victimKills, hogKills }: MemoryStressState): string {
  const kills =
    victimKills > 0
      ? 'the kernel killed the victim for lack of memory (oom_kill 1)'
      : `the kernel killed ${hogKills === 0 ? 'no process' : 'a hog'} for lack of memory`;
  const used = `${Math.round(usedBytes / MIB)} of ${limitBytes / MIB} MiB are in use`;
  return `${kills}: the limit was hit ${hits} times, ${used}`;
}
