/** The schemas of a gate in `plan.json` and in `result.json`. */
import { z } from 'zod';

const quantity = z.enum(['p50', 'p90', 'p95', 'p99', 'failed']);
const metric = { flow: z.string(), quantity };
const limits = z.object({ allow: z.number(), find: z.number() });
const lengthMs = z.number().nonnegative();

export const gatePlanShape = z.object({
  metrics: z.array(z.object(metric)),
  times: limits,
  failed: limits,
  alpha: z.number(),
  looks: z.array(z.number()),
  blockMs: lengthMs,
  settleMs: lengthMs,
  baseline: z.string(),
  candidate: z.string(),
  order: z.array(z.enum(['AB', 'BA'])),
  leadMs: lengthMs,
  addresses: z
    .object({ baseline: z.record(z.string(), z.string()), candidate: z.record(z.string(), z.string()) })
    .optional(),
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
});

export const gateResultShape = z.object({
  status: z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE']),
  sentence: z.string(),
  pairs: z.object({ run: z.number(), kept: z.number(), judged: z.number() }),
  dropped: z.array(z.object({ pair: z.number(), why: z.string() })),
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
});
