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
});

const bound = z.number().nullable();

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
    slotEffect: z.object({ ratio: z.number(), low: z.number(), high: z.number() }).nullable(),
    lag1: z.number().nullable(),
    cliffs: z.array(z.string()),
  }),
});
