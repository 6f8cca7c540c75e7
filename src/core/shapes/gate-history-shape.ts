/** The schemas of a gate against earlier runs, in `plan.json` and in `result.json`. */
import { z } from 'zod';
import { attemptShape } from './gate-shape.ts';

const metric = { flow: z.string(), quantity: z.enum(['p50', 'p90', 'p95', 'p99', 'failed']) };
const limits = z.object({ allow: z.number(), find: z.number() });
const leftOut = z.array(z.object({ id: z.string(), why: z.string() }));
const value = z.number().nullable();

export const historyPlanShape = z.object({
  metrics: z.array(z.object(metric)),
  times: limits,
  failed: limits,
  alpha: z.number(),
  folder: z.string(),
  attempt: attemptShape.optional(),
  runs: z.array(
    z.object({
      id: z.string(),
      startedAt: z.string(),
      flows: z.record(
        z.string(),
        z.object({
          due: z.number(),
          bad: z.number(),
          goodMs: z.object({
            p50: value.optional(),
            p90: value.optional(),
            p95: value.optional(),
            p99: value.optional(),
          }),
        }),
      ),
    }),
  ),
  leftOut,
});

export const historyResultShape = z.object({
  status: z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE']),
  sentence: z.string(),
  runs: z.number(),
  leftOut,
  metrics: z.array(
    z.object({
      ...metric,
      ...{ candidate: value, baseline: value, estimate: value, low: value, high: value },
      ...{ sdRun: value, detectable: value },
      status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'NO-DATA']),
      note: z.string().nullable(),
    }),
  ),
});
