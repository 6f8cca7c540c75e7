/**
 * When a restart storm counts as proven: the victim is gone, and a successor of it is gone as well. One kill
 * is no storm.
 */
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import { describeVictim, isSameVictim, type Victim } from '../../../core/topology.ts';
import { ms } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { judgeKill, type KillAct } from './kill-proof.ts';

export type StormAct = KillAct & {
  readonly service: string;
  /** Every instance that existed before: an instance that is not among them is a successor. */
  readonly known: readonly Victim[];
  /** Null: as long as the fault is held. */
  readonly times: number | null;
  /** Only its successors are killed; null = all of the service's. */
  readonly owner: string | null;
};

export const isSuccessor = (one: Victim, act: Pick<StormAct, 'service' | 'known'>): boolean =>
  one.service === act.service && !act.known.some((each) => isSameVictim(each, one));

export function judgeStorm(act: StormAct, probed: boolean, evidence: Evidence): Proof {
  const first = judgeKill(act, probed, evidence);
  if (first.kind === 'not-yet') return first;
  const met: InstanceState[] = [];
  let previous = evidence.appliedAt;
  for (const snapshot of evidence.snapshots) {
    if (snapshot.instances === undefined) continue;
    const now = snapshot.instances.filter((one) => one.isEnded !== true);
    const gone = met.find((one) => !now.some((each) => isSameVictim(each, one)));
    if (gone !== undefined) {
      const text = `${first.evidence}; its successor ${describeVictim(gone)} is gone too`;
      // The storm begins with its first kill, but one kill alone does not prove it.
      return { ...first, at: snapshot.at, boundMs: ms(snapshot.at - previous), evidence: text };
    }
    met.push(...now.filter((one) => isSuccessor(one, act) && !met.some((each) => isSameVictim(each, one))));
    previous = snapshot.at;
  }
  const { held, fresh } = first;
  const text = `${first.evidence}; no successor of it was ready and killed yet`;
  return { kind: 'not-yet', held, fresh, evidence: text };
}
