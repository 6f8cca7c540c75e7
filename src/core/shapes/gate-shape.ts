/** The schemas of a gate: in `plan.json`, in `result.json`, and in `blocks.ndjson`. */
import { z } from 'zod';
import type { GateFile, RecordedBlock } from '../gate.ts';
import type { SameShape } from './shape-check.ts';

const quantity = z.enum(['p50', 'p90', 'p95', 'p99', 'failed']);
const metric = { flow: z.string(), quantity };
const limits = z.object({ allow: z.number(), find: z.number() });
const lengthMs = z.number().nonnegative();

const pairOrder = z.enum(['AB', 'BA']);

const recoveryPlan = z.object({
  ...{ allow: z.number(), find: z.number(), pairs: z.number().nonnegative().lte(1000) },
  faults: z.array(z.object({ name: z.string(), members: z.array(z.string()), isHeld: z.boolean() })),
  flows: z.array(z.string()),
  order: z.array(pairOrder),
});

export const attemptShape = z.object({
  number: z.int().positive(),
  alpha: z.number(),
  version: z.string().nullable(),
  earlier: z.array(z.object({ run: z.string(), status: z.string().nullable() })),
});

export const gatePlanShape = z.object({
  metrics: z.array(z.object(metric)),
  times: limits,
  failed: limits,
  alpha: z.number(),
  looks: z.array(z.number()),
  blockMs: lengthMs,
  settleMs: lengthMs,
  recovery: recoveryPlan.optional(),
  baseline: z.string(),
  candidate: z.string(),
  order: z.array(pairOrder),
  leadMs: lengthMs,
  addresses: z
    .object({ baseline: z.record(z.string(), z.string()), candidate: z.record(z.string(), z.string()) })
    .optional(),
  budgetMs: lengthMs.optional(),
  attempt: attemptShape.optional(),
  loadHash: z.string().optional(),
  aa: z.literal(true).optional(),
});

const bound = z.number().nullable();
const bounded = { ratio: z.number(), low: z.number(), high: z.number() };
const sideTimes = z.object({ count: z.number(), ms: z.array(bound) });

const evidence = z.object({
  pairs: z.array(
    z.object({
      ...{ pair: z.number(), order: z.enum(['AB', 'BA']), atMs: z.number(), judged: z.boolean() },
      dropped: z.string().nullable(),
      values: z.array(bound),
    }),
  ),
  sides: z.array(z.object({ baseline: bound, candidate: bound, pooledRatio: bound })),
  times: z.array(z.object({ flow: z.string(), baseline: sideTimes, candidate: sideTimes })),
  lateness: z.array(z.object({ flow: z.string(), baselineMs: bound, candidateMs: bound })),
  settling: z
    .object({
      seconds: z.number(),
      baseline: z.object(bounded).nullable(),
      candidate: z.object(bounded).nullable(),
    })
    .nullable(),
  drift: z.object({ ...bounded, spanMs: z.number() }).nullable(),
  replicas: z
    .object({ baseline: z.record(z.string(), z.number()), candidate: z.record(z.string(), z.number()) })
    .optional(),
});

const dropped = z.array(z.object({ pair: z.number(), why: z.string() }));

const recoveryTime = z.object({
  status: z.enum(['recovered', 'never-degraded', 'censored']),
  ms: z.number(),
  boundMs: z.number(),
});

const recovery = z.object({
  ...{ fault: z.string(), flow: z.string(), clock: z.enum(['applied', 'removed']) },
  pairs: z.object({ planned: z.number(), run: z.number(), kept: z.number() }),
  dropped,
  byPair: z.array(z.object({ pair: z.number(), baseline: recoveryTime, candidate: recoveryTime })),
  ...{ estimate: bound, low: bound, high: bound, detectable: bound, pairsNeeded: bound },
  estimateIs: z.enum(['exact', 'at least', 'at most']),
  status: z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID']),
  note: z.string().nullable(),
  sentence: z.string(),
});

export const gateResultShape = z.object({
  status: z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE']),
  sentence: z.string(),
  pairs: z.object({ run: z.number(), kept: z.number(), judged: z.number() }),
  dropped,
  looks: z.array(z.object({ pairs: z.number(), failLevel: z.number(), passLevel: z.number() })),
  metrics: z.array(
    z.object({
      ...metric,
      byPair: z.array(z.number()),
      ...{ estimate: bound, low: bound, high: bound, sdPair: bound, detectable: bound, pairsNeeded: bound },
      status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'NO-DATA']),
      note: z.string().nullable(),
    }),
  ),
  checks: z.object({
    slotEffect: z.object(bounded).nullable(),
    lag1: z.number().nullable(),
    cliffs: z.array(z.string()),
  }),
  evidence: evidence.optional(),
  recoveries: z.array(recovery).optional(),
  aa: z
    .object({
      meaning: z.string(),
      metrics: z.array(
        z.object({
          ...metric,
          sdPair: z.number(),
          detectable: z.number(),
          pairsNeeded: bound,
          minutesNeeded: bound,
        }),
      ),
    })
    .optional(),
});

const count = z.int().nonnegative();
const time = z.number().positive().nullable().optional();

const blockShape = z.object({
  pair: z.int().positive(),
  slot: z.union([z.literal(1), z.literal(2)]),
  side: z.enum(['baseline', 'candidate']),
  from: z.number(),
  to: z.number(),
  limited: z.string().nullable(),
  replicas: z.record(z.string(), count).optional(),
  flows: z.record(
    z.string(),
    z.object({
      ...{ due: count, completed: count, failed: count, unanswered: count },
      goodMs: z.object({ p50: time, p90: time, p95: time, p99: time }),
    }),
  ),
  kept: z.boolean(),
  why: z.string().nullable(),
});

/** The first line of `blocks.ndjson`. */
export interface BlocksHead {
  readonly schema: 'gauntlet.blocks/1';
  /** The id of the run. */
  readonly run: string;
}

const headShape = z.object({ schema: z.literal('gauntlet.blocks/1'), run: z.string() });

/** A line of `blocks.ndjson`. */
export const blocksLineShape = z.union([headShape, blockShape]);

export const BLOCK_SHAPE_IS_WHOLE: SameShape<RecordedBlock, z.infer<typeof blockShape>> = true;

const side = { target: z.string(), replicas: z.record(z.string(), count).nullable() };

export const gateFileShape = z.object({
  schema: z.literal('gauntlet.gate/1'),
  ...{ run: z.string(), campaign: z.string(), seed: z.number(), mode: z.literal('interleaved') },
  baseline: z.object(side),
  candidate: z.object({ ...side, version: z.string().nullable() }),
  asked: gatePlanShape.omit({ baseline: true, candidate: true }),
  result: gateResultShape,
});

export const GATE_FILE_SHAPE_IS_WHOLE: SameShape<GateFile, z.infer<typeof gateFileShape>> = true;
