/**
 * The recovery times of a gate from the records of its faults, joined to pairs. A pair in which the fault was
 * not in place as planned on one side says nothing about the other, and is dropped.
 */

import { nameInRound } from '../../core/fault-steps.ts';
import type { DroppedPair, GateSide } from '../../core/gate.ts';
import { flowOn } from '../../core/gate.ts';
import {
  faultOn,
  type GateFault,
  type RecoveryClock,
  type RecoveryPair,
  type RecoveryPlan,
  type RecoveryTime,
} from '../../core/gate-recovery.ts';
import { type FaultRecord, whyNotInjected } from '../../core/result.ts';
import { SLICE_MS } from '../../core/samples.ts';

export interface RecoveryPairs {
  readonly clock: RecoveryClock;
  readonly kept: readonly RecoveryPair[];
  readonly dropped: readonly DroppedPair[];
  /** Pairs of which only one side was played: the gate was ended in the middle. */
  readonly torn: number;
}

/** @param records of the whole run, with their recoveries. */
export function recoveryPairsOf(
  fault: GateFault,
  flow: string,
  { pairs }: Pick<RecoveryPlan, 'pairs'>,
  records: readonly FaultRecord[],
): RecoveryPairs {
  const found: { readonly pair: number; readonly baseline: Played; readonly candidate: Played }[] = [];
  const dropped: DroppedPair[] = [];
  let torn = 0;
  for (let pair = 1; pair <= pairs; pair += 1) {
    const on = (side: GateSide): Played | string | null => played(fault, flow, pair, side, records);
    const [baseline, candidate] = [on('baseline'), on('candidate')];
    if (baseline === null && candidate === null) continue;
    if (typeof baseline === 'string') dropped.push({ pair, why: `baseline: ${baseline}` });
    else if (typeof candidate === 'string') dropped.push({ pair, why: `candidate: ${candidate}` });
    else if (baseline === null || candidate === null) torn += 1;
    else found.push({ pair, baseline, candidate });
  }
  const sides = found.flatMap((one) => [one.baseline, one.candidate]);
  const clock = fault.isHeld && sides.every(isBackAfterRemoval) ? 'removed' : 'applied';
  const kept = found.map(({ pair, baseline, candidate }) => ({
    pair,
    baseline: timeOf(baseline, clock),
    candidate: timeOf(candidate, clock),
  }));
  return { clock, kept, dropped, torn };
}

/** What one side did after one fault, in epoch ms. */
interface Played {
  readonly appliedAt: number;
  readonly removedAt: number;
  readonly status: RecoveryTime['status'];
  /** Censored: so long it was watched. Null: it never degraded. */
  readonly backAt: number | null;
  readonly boundMs: number;
}

/** Null: it was not played at all. A sentence: why it says nothing. */
function played(
  { members }: GateFault,
  flow: string,
  pair: number,
  side: GateSide,
  records: readonly FaultRecord[],
): Played | string | null {
  const own = members.flatMap((member) => {
    const name = nameInRound(faultOn(member, side), pair);
    return records.filter((record) => record.name === name);
  });
  if (own.length === 0) return null;
  const spoiled = own.map(whySpoiled).find((why) => why !== null);
  if (spoiled !== undefined) return spoiled;
  if (own.length < members.length) return 'the gate was ended before all of its group';
  const levels = own.flatMap((record) =>
    Object.entries(record.recovery)
      .filter(([level]) => level.startsWith(`${flowOn(flow, side)} `))
      .map(([, recovery]) => ({ ...recovery, from: record.appliedAt ?? 0 })),
  );
  if (levels.length === 0) return `nothing is known of ${flow}`;
  const unknown = levels.some((one) => one.status === 'censored' && one.sinceInjectedMs === null);
  if (unknown) return 'its watch ended before anything was known';
  const ends = levels.flatMap(({ from, sinceInjectedMs, boundMs }) =>
    sinceInjectedMs === null ? [] : [{ at: from + sinceInjectedMs, boundMs }],
  );
  const last = ends.toSorted((a, b) => b.at - a.at)[0];
  const isCensored = levels.some((one) => one.status === 'censored');
  return {
    appliedAt: Math.min(...own.map((one) => one.appliedAt ?? 0)),
    removedAt: Math.max(...own.map((one) => one.removedAt ?? 0)),
    status: isCensored ? 'censored' : last === undefined ? 'never-degraded' : 'recovered',
    backAt: last?.at ?? null,
    boundMs: isCensored ? 0 : (last?.boundMs ?? Math.max(...levels.map((one) => one.boundMs))),
  };
}

function whySpoiled(record: FaultRecord): string | null {
  if (record.status === 'residue') return `${record.name} is not proven to be gone`;
  const why = whyNotInjected(record);
  if (why !== null) return `${record.name} was not injected (${why})`;
  return record.cutShort ? `${record.name} was cut short (${record.cutShort})` : null;
}

/** What was back while the fault still lasted cannot be counted from its end. */
const isBackAfterRemoval = ({ backAt, removedAt }: Played): boolean => backAt === null || backAt > removedAt;

/** Nothing is shorter than what can be seen. */
function timeOf(played: Played, clock: RecoveryClock): RecoveryTime {
  const { status, backAt, boundMs } = played;
  const from = clock === 'removed' ? played.removedAt : played.appliedAt;
  const least = Math.max(boundMs, SLICE_MS);
  return { status, ms: backAt === null ? least : Math.max(least, backAt - from), boundMs };
}
