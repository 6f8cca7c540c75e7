/**
 * The failed share of candidate against baseline. Counts are pooled (failures are too rare for a share a
 * block), and a difference must also show pair by pair: one burst in one block is no difference between
 * versions.
 */
import type { GateLimits, GateMetricResult } from '../../core/gate.ts';
import type { GatePair } from './gate-pairs.ts';
import { decide, type LookLevels } from './judge-times.ts';
import { normalQuantile } from './normal.ts';
import { signedRankP } from './signed-rank.ts';

export interface Count {
  readonly hits: number;
  readonly of: number;
}

export function judgeFailed(
  pairs: readonly GatePair[],
  flow: string,
  limits: GateLimits,
  { failLevel, passLevel }: LookLevels,
): GateMetricResult {
  const none = { sdPair: null, detectable: null, pairsNeeded: null };
  const baseline = pooled(pairs.map((one) => one.baseline.flows[flow]));
  const candidate = pooled(pairs.map((one) => one.candidate.flows[flow]));
  if (baseline.of === 0 || candidate.of === 0) {
    const note = `nothing was due on ${baseline.of === 0 ? 'the baseline' : 'the candidate'}`;
    return {
      flow,
      quantity: 'failed',
      ...none,
      byPair: [],
      estimate: null,
      low: null,
      high: null,
      status: 'NO-DATA',
      note,
    };
  }
  const differences = pairs.map(
    (one) => shareOf(one.candidate.flows[flow]) - shareOf(one.baseline.flows[flow]),
  );
  const [low] = differenceOfShares(candidate, baseline, failLevel);
  const [, high] = differenceOfShares(candidate, baseline, passLevel);
  const status = decide(low, high, limits);
  const inEach = signedRankP(differences) <= failLevel;
  const burst = status === 'FAIL' && !inEach;
  return {
    ...{ flow, quantity: 'failed', ...none, low, high, byPair: differences },
    estimate: candidate.hits / candidate.of - baseline.hits / baseline.of,
    status: burst ? 'INCONCLUSIVE' : status,
    note: burst
      ? `${candidate.hits} of ${candidate.of} failed against ${baseline.hits} of ${baseline.of}, but not in enough of the pairs`
      : null,
  };
}

type FlowCounts = { readonly due: number; readonly failed: number; readonly unanswered: number } | undefined;

/** What was never answered has failed its user as well. */
function pooled(flows: readonly FlowCounts[]): Count {
  const sum = (of: (one: NonNullable<FlowCounts>) => number): number =>
    flows.reduce((total, one) => total + (one === undefined ? 0 : of(one)), 0);
  return { hits: sum((one) => one.failed + one.unanswered), of: sum((one) => one.due) };
}

function shareOf(flow: FlowCounts): number {
  const { hits, of } = pooled([flow]);
  return of === 0 ? 0 : hits / of;
}

/**
 * Newcombe's interval of a difference of two shares, from their Wilson intervals (Newcombe 1998, method 10),
 * each end one-sided.
 */
export function differenceOfShares(one: Count, other: Count, level: number): readonly [number, number] {
  const z = normalQuantile(1 - level);
  const [p, q] = [one.hits / one.of, other.hits / other.of];
  const [pLow, pHigh] = wilsonAt(one, z);
  const [qLow, qHigh] = wilsonAt(other, z);
  const difference = p - q;
  return [difference - Math.hypot(p - pLow, qHigh - q), difference + Math.hypot(pHigh - p, q - qLow)];
}

function wilsonAt({ hits, of }: Count, z: number): readonly [number, number] {
  const share = hits / of;
  const centre = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return [centre - half, centre + half];
}
