/**
 * When CPU stress by a limit counts as proven: the kernel keeps the lower limit, and each ms of work costs
 * every container clearly more time at it than before, as predicted; probes are alive. A container that does
 * not reach the limit is not held back: then nothing is proven, and the evidence states that.
 */
import {
  type CpuLimit,
  isSameLimit,
  type LimitedContainer,
  sayLimit,
} from '../../../core/acts/cpu-limit-acts.ts';
import { type ContainerVictim, describeVictim, isSameVictim } from '../../../core/topology.ts';
import type { Evidence, Proof } from '../../fault.ts';
import type { Snapshot } from '../../observation.ts';
import { predictedHold } from './limit-share.ts';
import { saidBy, slowerAndAlive } from './slower-alive.ts';
import { costOf, LEAST_WINDOW_MS } from './stress-cost.ts';

export type LimitAct = {
  readonly id: string;
  readonly service: string;
  readonly limits: readonly {
    readonly victim: ContainerVictim;
    readonly before: CpuLimit;
    readonly during: CpuLimit;
  }[];
};

/**
 * Its work takes at least twice as long. The whole prediction is for a container that could use its limit: on
 * a busy machine it waits for a CPU instead, and reaches the limit later.
 */
const ENOUGH = 1;

type Limited = LimitAct['limits'][number];

/** @param probed false when no probe can observe the service: then only the kernel's counters count. */
export function judgeLimit(act: LimitAct, probed: boolean, evidence: Evidence): Proof {
  const said = saidBy(evidence, probed);
  const notYet = (text: string): Proof => ({ kind: 'not-yet', ...said, evidence: text });
  const first = evidence.snapshots.find((snapshot) => isInPlace(act, snapshot));
  const last = evidence.snapshots.at(-1);
  if (first === undefined || last === undefined || !isInPlace(act, last)) {
    const failed = last?.failed === undefined ? '' : `: ${last.failed}`;
    return notYet(`${act.limits.map((one) => sayNot(one, last)).join('; ')}${failed}`);
  }
  const rows = act.limits.map((one) => rowOf(one, first, last, evidence.snapshotsBefore));
  const text = rows.map((row) => row.text).join('; ');
  if (last.at - first.at < LEAST_WINDOW_MS || !rows.every((row) => row.isSeen)) return notYet(text);
  return slowerAndAlive(text, first.at, probed, evidence);
}

const stateOf = ({ victim }: Limited, snapshot: Snapshot | undefined): LimitedContainer | undefined =>
  snapshot?.cpuLimits?.find((one) => isSameVictim(one, victim));

const isInPlace = ({ limits }: LimitAct, snapshot: Snapshot): boolean =>
  limits.every((one) => {
    const now = stateOf(one, snapshot);
    return now !== undefined && isSameLimit(now.limit, one.during);
  });

function sayNot(one: Limited, last: Snapshot | undefined): string {
  const now = stateOf(one, last);
  const has = now === undefined ? 'is not there' : `has ${sayLimit(now.limit)}`;
  return `${describeVictim(one.victim)} ${has}, expected ${sayLimit(one.during)}`;
}

function rowOf(
  one: Limited,
  first: Snapshot,
  last: Snapshot,
  before: readonly Snapshot[],
): { readonly isSeen: boolean; readonly text: string } {
  const name = describeVictim(one.victim);
  const now = between(stateOf(one, first), stateOf(one, last));
  const usual = between(stateOf(one, before[0]), stateOf(one, before.at(-1)));
  if (now === undefined || usual === undefined)
    return { isSeen: false, text: `${name} was not measured before and since` };
  const predicted = predictedHold(one.before, one.during);
  const cost = costOf(name, now, usual, last.at - first.at, predicted, ENOUGH);
  const held = `held back at ${sayLimit(one.during)} in ${now.heldPeriods} periods`;
  return { isSeen: cost.isSeen && now.heldPeriods > 0, text: `${cost.text}, ${held}` };
}

/** Undefined unless the same run was measured twice. */
function between(from: LimitedContainer | undefined, to: LimitedContainer | undefined) {
  if (from === undefined || to === undefined) return undefined;
  return {
    cpuMs: Math.max(0, to.cpuMs - from.cpuMs),
    waitedMs: Math.max(0, to.heldMs - from.heldMs),
    heldPeriods: Math.max(0, to.heldPeriods - from.heldPeriods),
  };
}
