/**
 * When a pause counts as proven: the kernel reports that exactly this process is stopped. When no other
 * replica answers, the held and a fresh connection must also stall. A connection that breaks is not a pause.
 */
import { isStalled } from '../../../core/samples.ts';
import { describeVictims, isSameVictim, type Victim } from '../../../core/topology.ts';
import { epochMs, ms } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { onsetOf, say, sayLast, together } from '../../observation.ts';

export type PauseAct = {
  readonly victims: readonly Victim[];
  /** Other replicas were ready: they answer in place of the victim. */
  readonly survivors: boolean;
};

/** @param probed false when no probe can observe the service: then only the platform's answers count. */
export function judgePause(act: PauseAct, probed: boolean, evidence: Evidence): Proof {
  const said = { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
  const stop = stoppedAt(act.victims, evidence);
  if (stop === undefined) {
    const failed = evidence.snapshots.at(-1)?.failed;
    const why = failed === undefined ? 'is not stopped' : `may not be stopped: ${failed}`;
    return { kind: 'not-yet', ...said, evidence: `${describeVictims(act.victims)} ${why}` };
  }
  const text = `${describeVictims(act.victims)} is stopped and still exists`;
  if (!probed) {
    const words = { held: 'no probe', fresh: 'no probe' };
    return { kind: 'seen', ...stop, ...words, evidence: `${text}; no probe reaches this service` };
  }
  if (act.survivors) {
    // The kernel decides, but the receipt also shows what callers observed.
    const isWatched = evidence.since.held.length > 0 && evidence.since.fresh.length > 0;
    const survivors = `${text}, other replicas continue to serve`;
    return { ...(isWatched ? { kind: 'seen', ...stop } : { kind: 'not-yet' }), ...said, evidence: survivors };
  }
  const [held, fresh] = (['held', 'fresh'] as const).map((connection) =>
    evidence.since[connection].find((one) => !one.ok && isStalled(one)),
  );
  if (held === undefined || fresh === undefined) {
    return {
      kind: 'not-yet',
      ...said,
      evidence: `${text}; expected the held and a fresh connection to stall`,
    };
  }
  const onsets = together([onsetOf(held, 'held', evidence), onsetOf(fresh, 'fresh', evidence)]);
  const at = epochMs(Math.max(onsets.at, stop.at - stop.boundMs));
  const boundMs = ms(Math.max(0, at - (onsets.at - onsets.boundMs)));
  return { kind: 'seen', at, boundMs, held: say(held), fresh: say(fresh), evidence: text };
}

/** The platform's first answer in which all victims are stopped, and the gap to the previous answer. */
function stoppedAt(victims: readonly Victim[], evidence: Evidence) {
  let previous = evidence.appliedAt;
  for (const snapshot of evidence.snapshots) {
    const { instances } = snapshot;
    if (instances === undefined) continue;
    const isStopped = (victim: Victim): boolean =>
      instances.some((one) => isSameVictim(one, victim) && one.stopped === true);
    if (victims.every(isStopped)) return { at: snapshot.at, boundMs: ms(snapshot.at - previous) };
    previous = snapshot.at;
  }
  return undefined;
}
