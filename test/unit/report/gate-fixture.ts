/**
 * A gate as a report gets it: arrivals are recorded second by second as the load side does, and blocks, answer and evidence are made of
 * them by the code that judges a real run.
 */
import { flowOn, type GatePlan, type GateSide, pairPhase } from '../../../src/core/gate.ts';
import type { GateRecovery } from '../../../src/core/gate-recovery.ts';
import type { Ledger, Phase } from '../../../src/core/result.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { epochMs, ms, perSecond } from '../../../src/core/units.ts';
import { verdictOf } from '../../../src/core/verdict.ts';
import { bucketOf } from '../../../src/measure/buckets.ts';
import { blockAt, blockPlaces } from '../../../src/measure/gate/block-at.ts';
import { gateEvidence } from '../../../src/measure/gate/gate-evidence.ts';
import { judgeGate } from '../../../src/measure/gate/judge-gate.ts';
import { drawOrder } from '../../../src/measure/gate/pair-order.ts';
import { sparseOf } from '../../../src/measure/latency-histogram.ts';
import { RunData } from '../../../src/measure/run-data.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { demoInput, START } from './fixture.ts';

export const FLOW = 'gateway.intentions';
const RATE = 100;
const SETTLE_S = 3;
const BLOCK_S = 10;

/** A candidate that needs 1.4 times as long to be back. */
export const SLOW_RECOVERY: GateRecovery = {
  ...{ fault: 'kill-pod', flow: FLOW, clock: 'applied', byPair: [], dropped: [] },
  ...{ pairs: { planned: 6, run: 6, kept: 6 }, estimate: 1.4, estimateIs: 'exact', low: 1.2, high: 1.7 },
  ...{ detectable: null, pairsNeeded: null, status: 'FAIL', note: null, sentence: 'slower' },
};

export function withRecovery(input: ReportInput): ReportInput {
  const { gate } = input.result;
  if (gate === undefined) throw new Error('only a gate has recoveries of both sides');
  return { ...input, result: { ...input.result, gate: { ...gate, recoveries: [SLOW_RECOVERY] } } };
}

export interface GateWorld {
  readonly flow?: string;
  readonly pairs?: number;
  /** What the latency of the candidate is multiplied by. */
  readonly slower?: number;
  /** Standard deviation of the logarithm from block to block. */
  readonly blockSd?: number;
  /** Of the baseline, from the first block to the last: 1.2 is a fifth slower. */
  readonly drift?: number;
  /** What the first three seconds that count are multiplied by. */
  readonly unsettled?: number;
  /** Pairs in which arrivals start 80 ms late. */
  readonly late?: readonly number[];
  /** Failed of a hundred arrivals of the candidate. */
  readonly failing?: number;
  readonly quantities?: readonly ('failed' | 'p50' | 'p90' | 'p95' | 'p99')[];
  readonly addresses?: GatePlan['addresses'];
  /** Reasons of the other judges. */
  readonly alsoBecause?: readonly { readonly status: 'INVALID' | 'RESIDUE'; readonly text: string }[];
}

export function gatePlanOf(world: GateWorld): GatePlan {
  const { flow = FLOW, pairs = 32, quantities = ['failed', 'p50', 'p95', 'p99'], addresses } = world;
  return {
    metrics: quantities.map((quantity) => ({ flow, quantity })),
    times: { allow: 0, find: 0.1 },
    failed: { allow: 0, find: 0.005 },
    alpha: 0.05,
    looks: [16, 24, 32],
    blockMs: ms(BLOCK_S * 1000),
    settleMs: ms(SETTLE_S * 1000),
    baseline: 'blue',
    candidate: 'green',
    order: drawOrder(Math.max(32, pairs), 42),
    leadMs: ms(10_000),
    budgetMs: ms(900_000),
    ...(addresses && { addresses }),
  };
}

/** As the load side hands it over; each side has its own arrivals, in its own blocks. */
function record(plan: GatePlan, world: GateWorld, phases: readonly Phase[]): RunData {
  const { flow = FLOW, slower = 1, blockSd = 0.03, drift = 1, unsettled = 1, late = [], failing = 0 } = world;
  const rng = seededRng(11);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
  const data = new RunData();
  for (const [index, phase] of phases.entries()) {
    for (const slot of [0, 1]) {
      const side: GateSide = plan.order[index]?.[slot] === 'A' ? 'baseline' : 'candidate';
      const name = flowOn(flow, side);
      const level =
        (side === 'candidate' ? slower : 1) *
        Math.exp(blockSd * normal() + (Math.log(drift) * index) / Math.max(1, phases.length - 1));
      for (let second = 0; second < SETTLE_S + BLOCK_S; second += 1) {
        const at = phase.from / 1000 + slot * (SETTLE_S + BLOCK_S) + second;
        const early = second >= SETTLE_S && second < SETTLE_S + 3 ? unsettled : 1;
        const failed = side === 'candidate' ? failing : 0;
        const times = Uint16Array.from({ length: RATE }, () => {
          const tail = rng.next() < 0.02 ? 3 : 1;
          return bucketOf(Math.round(20_000 * level * early * tail * Math.exp(0.35 * normal())));
        });
        const bad = times.slice(0, failed);
        const counts = { due: RATE, started: RATE, dropped: 0, completed: RATE, interrupted: 0, failed };
        data.addCounts({ flow: name, second: at, ...counts });
        data.addLatency({ flow: name, second: at, clock: 'response', counts: sparseOf(times) });
        data.addLatency({ flow: name, second: at, clock: 'failed', counts: sparseOf(bad) });
        const lateness = Uint16Array.from({ length: RATE }, () =>
          bucketOf(late.includes(index + 1) ? 80_000 : 900),
        );
        data.addLatency({ flow: name, second: at, clock: 'lateness', counts: sparseOf(lateness) });
      }
    }
  }
  return data;
}

export function gateInput(world: GateWorld = {}): ReportInput {
  const { flow = FLOW, pairs = 32, alsoBecause = [] } = world;
  const plan = gatePlanOf(world);
  const pairMs = 2 * (SETTLE_S + BLOCK_S) * 1000;
  const from = START + plan.leadMs;
  const phases = Array.from({ length: pairs }, (_, at): Phase => {
    const begin = from + at * pairMs;
    return { name: pairPhase(at + 1), from: epochMs(begin), to: epochMs(begin + pairMs) };
  });
  const data = record(plan, world, phases);
  const places = phases.flatMap(({ from: begin }, at) => blockPlaces(plan, at + 1, begin));
  const blocks = places.map((place) => blockAt(place, plan, data));
  const judged = judgeGate(blocks, plan);
  const gate = { ...judged, evidence: gateEvidence(blocks, plan, judged, data) };
  const demo = demoInput();
  const names = (['baseline', 'candidate'] as const).map((side) => flowOn(flow, side));
  const ledgers = Object.fromEntries(names.map((name) => [name, data.ledger(name)]));
  const sum = (key: 'due' | 'started' | 'completed'): number =>
    Object.values(ledgers).reduce((total, one) => total + one[key], 0);
  const ledger: Ledger = {
    ...{ due: sum('due'), started: sum('started'), dropped: 0, completed: sum('completed'), interrupted: 0 },
    ...{ balanced: true, problems: [] },
  };
  return {
    series: {},
    events: [],
    plan: {
      ...demo.plan,
      ...{ campaign: 'pre-release', target: 'blue and green', faults: [], objectives: [] },
      load: names.map((name) => ({
        ...{ scenario: name, script: '/s.ts', env: {} },
        flows: [
          {
            ...{ flow: name, executor: 'e', worstStallMs: ms(1000), vus: 10 },
            schedule: { startRate: perSecond(RATE), stages: [] },
          },
        ],
      })),
      gate: plan,
    },
    result: {
      ...demo.result,
      run: {
        ...demo.result.run,
        ...{ id: '20261121T031208-pre-release-7f3a', campaign: 'pre-release', target: 'blue and green' },
        endedAt: new Date(from + pairs * pairMs).toISOString(),
      },
      verdict: verdictOf([{ status: gate.status, text: gate.sentence }, ...alsoBecause]),
      ...{ phases, flows: {}, faults: [], objectives: [], ledger, ledgers, gate },
    },
  };
}
