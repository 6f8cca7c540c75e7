/**
 * Whether both sides were as large as each other, all the time: three replicas against two, or one that is
 * added in the middle, is a difference of size and not of version.
 */
import type { GateBlock, GateSide, Replicas } from '../../core/gate.ts';

/** Null: the same, as far as both know the same services. */
export function unequalReplicas(baseline: Replicas, candidate: Replicas): string | null {
  const service = Object.keys(baseline).find(
    (name) => candidate[name] !== undefined && candidate[name] !== baseline[name],
  );
  if (service === undefined) return null;
  return `${service} has ${count(baseline[service])} on the baseline and ${count(candidate[service])} on the candidate`;
}

/** In the order of time; null: no side was scaled, or their platforms do not know instances. */
export function scaled(blocks: readonly GateBlock[]): string | null {
  const first: Partial<Record<GateSide, Replicas>> = {};
  for (const { side, pair, replicas } of blocks.toSorted((a, b) => a.from - b.from)) {
    if (replicas === undefined) continue;
    const before = first[side];
    first[side] ??= replicas;
    const service = before && Object.keys(before).find((name) => (replicas[name] ?? 0) !== before[name]);
    if (before && service !== undefined)
      return `${service} of the ${side} was scaled from ${count(before[service])} to ${count(replicas[service] ?? 0)} in pair ${pair}`;
  }
  return first.baseline && first.candidate ? unequalReplicas(first.baseline, first.candidate) : null;
}

const count = (replicas = 0): string => `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;
