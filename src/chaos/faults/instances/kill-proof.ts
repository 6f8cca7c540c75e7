/**
 * When a kill counts as proven: the victim's identity is gone. When no other replica answers, the held
 * connection must also have broken and a fresh one been refused.
 */
import { isStalled } from '../../../core/samples.ts';
import { describeVictims, isSameVictim, type Victim } from '../../../core/topology.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { onsetOf, say, sayLast, together } from '../../observation.ts';

/** For `gauntlet faults`. */
export const KILL_PROOF =
  'The platform reports each victim as gone, by an identity that is never reused (pid and start time, or uid); with SIGTERM one ' +
  'that drains counts. When no other replica was ready, the held connection must break and a fresh one must be refused, ' +
  'unless a successor is faster than the probe.';

export type KillAct = {
  readonly victims: readonly Victim[];
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** Other replicas were ready: they answer in place of the victim. */
  readonly survivors: boolean;
  /** Asks the disruption budget instead of bypassing it. */
  readonly evict: boolean;
  /** Time to drain; null = the instance's own. */
  readonly graceMs: Ms | null;
  /** Null or absent: the whole instance. Otherwise the victims are runs of this container. */
  readonly inside?: { readonly container: string; readonly process: string | null } | null;
  /** The id of the order to another controller; absent: Gauntlet kills. */
  readonly order?: string;
};

/** @param probed false when no probe can observe the service: then only the platform's answers count. */
export function judgeKill(act: KillAct, probed: boolean, evidence: Evidence): Proof {
  const said = { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
  const gone = goneAt(act, evidence);
  if (gone === undefined) {
    const failed = evidence.snapshots.at(-1)?.failed;
    const why = failed === undefined ? 'still runs' : `may still run: ${failed}`;
    return { kind: 'not-yet', ...said, evidence: `${describeVictims(act.victims)} ${why}` };
  }
  if (!probed) {
    const evidenceText = `${describeVictims(act.victims)} is gone; no probe reaches this service`;
    return { kind: 'seen', ...gone, held: 'no probe', fresh: 'no probe', evidence: evidenceText };
  }
  const held = evidence.since.held.find((one) => !one.ok);
  // A stalled fresh connection was accepted by some process: a dead process accepts none.
  const fresh = evidence.since.fresh.find((one) => !one.ok && !isStalled(one));
  const seen = {
    held: held === undefined ? said.held : say(held),
    fresh: fresh === undefined ? said.fresh : say(fresh),
  };
  if (act.survivors) {
    // The identity decides, but the receipt also shows what callers observed.
    const isWatched = evidence.since.held.length > 0 && evidence.since.fresh.length > 0;
    const text = `${describeVictims(act.victims)} is gone, other replicas continue to serve`;
    return { ...(isWatched ? { kind: 'seen', ...gone } : { kind: 'not-yet' }), ...seen, evidence: text };
  }
  if (held !== undefined && fresh === undefined && hasSuccessor(act.victims, evidence)) {
    const broke = onsetOf(held, 'held', evidence);
    const at = epochMs(Math.max(gone.at, broke.at));
    const boundMs = ms(Math.max(gone.boundMs, at - broke.notBefore));
    const text = `${describeVictims(act.victims)} is gone; its successor was ready before a fresh connection was refused`;
    return { kind: 'seen', at, boundMs, ...seen, evidence: text };
  }
  if (held === undefined || fresh === undefined) {
    const text = 'the process is gone; expected the held connection to break and a fresh one to be refused';
    return { kind: 'not-yet', ...said, evidence: text };
  }
  const onsets = [onsetOf(held, 'held', evidence), onsetOf(fresh, 'fresh', evidence)];
  return { kind: 'seen', ...together(onsets), ...seen, evidence: `${describeVictims(act.victims)} is gone` };
}

/** The platform's first answer without any of the victims, and the gap to the previous answer. */
function goneAt(
  { victims, signal }: KillAct,
  evidence: Evidence,
): { readonly at: EpochMs; readonly boundMs: Ms } | undefined {
  let previous = evidence.appliedAt;
  for (const snapshot of evidence.snapshots) {
    if (snapshot.instances === undefined) continue;
    // Asked to drain and still draining: SIGTERM allows that, and it may take longer than a proof waits.
    const staying = snapshot.instances.filter((one) => signal === 'SIGKILL' || one.isLeaving !== true);
    const alive = staying.some(
      (one) => one.isEnded !== true && victims.some((victim) => isSameVictim(one, victim)),
    );
    if (!alive) return { at: epochMs(snapshot.at), boundMs: ms(snapshot.at - previous) };
    previous = snapshot.at;
  }
  return undefined;
}

/** A restart that is faster than the sampling: 0.1 s for Redis in the sandbox. */
const hasSuccessor = (victims: readonly Victim[], evidence: Evidence): boolean =>
  (evidence.snapshots.at(-1)?.instances ?? []).some(
    (one) =>
      one.ready && victims.some((victim) => victim.service === one.service && !isSameVictim(victim, one)),
  );
