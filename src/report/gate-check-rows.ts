/** What is looked at beside the answer of a gate, in words, one row a check. */
import type { GatePlan, GateResult } from '../core/gate.ts';
import type { Bounded } from '../core/gate-evidence.ts';
import { formatMs } from '../core/units.ts';
import { formatElapsed, NONE } from './format.ts';

export interface CheckRow {
  readonly name: string;
  readonly seen: string;
  readonly means: string;
  /** Null: it could not be looked at. */
  readonly isFine: boolean | null;
}

/** Late arrivals of so little cannot move a ratio. */
const LATE_MS = 5;

export function checkRows(gate: GateResult, plan: GatePlan): readonly CheckRow[] {
  const { evidence, checks, pairs, dropped } = gate;
  return [
    slotRow(checks.slotEffect),
    ...(evidence === undefined
      ? []
      : [
          settlingRow('baseline', evidence.settling, plan),
          settlingRow('candidate', evidence.settling, plan),
        ]),
    lagRow(checks.lag1, pairs.judged),
    ...(evidence?.lateness ?? []).map(lateRow),
    cliffRow(checks.cliffs),
    ...(evidence === undefined ? [] : [driftRow(evidence.drift)]),
    {
      name: 'Pairs dropped',
      seen: `${dropped.length} of ${pairs.run}`,
      means:
        dropped.length === 0
          ? 'every pair is kept'
          : 'dropped pairs are not judged; above a fifth the gate is INVALID',
      isFine: dropped.length === 0,
    },
  ];
}

const unseen = (name: string, means: string): CheckRow => ({ name, seen: NONE, means, isFine: null });

export const boundedText = ({ ratio, low, high }: Bounded): string =>
  `${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

const holdsOne = ({ low, high }: Bounded): boolean => low <= 1 && high >= 1;

function slotRow(slot: Bounded | null): CheckRow {
  const name = 'First block of a pair to its second';
  if (slot === null) return unseen(name, 'needs five pairs with times');
  const isFine = holdsOne(slot);
  const means = isFine ? 'the order does not matter' : 'the order matters here; the coin evens that out';
  return { name, seen: boundedText(slot), means, isFine };
}

function settlingRow(
  side: 'baseline' | 'candidate',
  settling: NonNullable<GateResult['evidence']>['settling'],
  { settleMs }: GatePlan,
): CheckRow {
  const found = settling?.[side] ?? null;
  const what = settling === null ? 'First seconds' : `First ${settling.seconds} s`;
  const name = `${what} of a block to its rest, ${side}`;
  if (found === null) return unseen(name, 'needs five blocks with enough answers in their first seconds');
  const settle = `${settleMs / 1000} s of settling`;
  const isFine = found.low <= 1;
  const means = isFine
    ? `${settle} is enough`
    : `${settle} is too short: the first seconds of a block are slower than its rest`;
  return { name, seen: boundedText(found), means, isFine };
}

/** The usual bound of a correlation of values that do not depend on one another. */
function lagRow(lag1: number | null, judged: number): CheckRow {
  const name = 'Correlation of each pair with the next';
  if (lag1 === null) return unseen(name, 'needs five pairs with times');
  const isFine = Math.abs(lag1) <= 1.96 / Math.sqrt(judged);
  const means = isFine
    ? 'pairs do not depend on one another'
    : 'pairs depend on one another: more of them are needed than is said here';
  return { name, seen: lag1.toFixed(2), means, isFine };
}

function lateRow({
  flow,
  baselineMs,
  candidateMs,
}: NonNullable<GateResult['evidence']>['lateness'][number]): CheckRow {
  const name = `Arrivals of ${flow} started late, P99`;
  if (baselineMs === null || candidateMs === null) return unseen(name, 'nothing was started');
  const isFine = Math.abs(candidateMs - baselineMs) <= LATE_MS;
  const means = isFine
    ? 'the generator treated both sides alike'
    : 'the generator did not treat both sides alike';
  return {
    name,
    seen: `baseline ${formatMs(baselineMs)}, candidate ${formatMs(candidateMs)}`,
    means,
    isFine,
  };
}

function cliffRow(cliffs: readonly string[]): CheckRow {
  const name = 'P99 between two modes';
  if (cliffs.length === 0) return { name, seen: 'no flow', means: 'P99 varies as P95 does', isFine: true };
  return {
    name,
    seen: cliffs.join(', '),
    means: 'a few answers decide which mode it is: its P99 decides nothing',
    isFine: false,
  };
}

function driftRow(drift: NonNullable<GateResult['evidence']>['drift']): CheckRow {
  const name = 'Baseline, its last block to its first';
  if (drift === null) return unseen(name, 'needs five blocks with times');
  const isFine = holdsOne(drift);
  const means = isFine
    ? 'the baseline did not drift'
    : 'the baseline drifted; alternating blocks even that out';
  return { name, seen: `${boundedText(drift)} in ${formatElapsed(drift.spanMs)}`, means, isFine };
}
