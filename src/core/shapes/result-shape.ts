/** The schema of `result.json`. Fields that older results lack are optional here and required in the type. */
import { z } from 'zod';
import type { Result } from '../result.ts';
import { auditResultShape } from './audit-shape.ts';
import { faultRecordShape } from './fault-record-shape.ts';
import { historyResultShape } from './gate-history-shape.ts';
import { gateResultShape } from './gate-shape.ts';
import { pathResultShape } from './paths-shape.ts';
import { recordsResultShape } from './records-shape.ts';
import type { SameShape } from './shape-check.ts';

const count = z.number().nonnegative();
const interval = z.tuple([z.number(), z.number()]);

const quantile = z.number().nullable();
const quantiles = z.object({
  ...{ p50: quantile, p90: quantile, p95: quantile, p99: quantile, p999: quantile, max: quantile },
});

const flowPhase = z.object({
  ...{ count, failed: count, dropped: count, stale: count.optional(), due: count },
  ...{ seconds: count, dueRate: count, attainedRate: count, goodRate: count.optional() },
  ...{ responseMs: quantiles, goodMs: quantiles.optional(), failedMs: quantiles.optional() },
  ...{ serviceMs: quantiles, latenessMs: quantiles, droppedMs: quantiles },
  ...{ connectMs: quantiles.optional(), connects: count.optional() },
  steps: z.record(z.string(), z.object({ count, serviceMs: quantiles })).optional(),
  outcomes: z.record(z.string(), count).optional(),
});

const ledger = z.object({
  ...{ due: count, started: count, dropped: count, completed: count, interrupted: count },
  stale: count.optional(),
  balanced: z.boolean(),
  problems: z.array(z.string()),
});

const objective = z.object({
  ...{ name: z.string(), flow: z.string(), phase: z.string(), expression: z.string() },
  observed: z.number().nullable(),
  interval: interval.nullable(),
  limit: z.number(),
  unit: z.enum(['ms', 'ratio', '/s', 's', 'findings', 'instances', 'count']),
  samples: count,
  status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'NO-DATA']),
  source: z.string().nullable(),
  note: z.string().nullable(),
});

const repeated = z.object({
  ...{ fault: z.string(), sli: z.string(), rounds: count, censored: count, timesMs: z.array(z.number()) },
  medianMs: z.number().nullable(),
  medianIntervalMs: interval.nullable(),
  p95UpperMs: z.number().nullable(),
  ...{ roundsForMedian: count, roundsForP95: count, worstMs: z.number() },
});

const capacity = z.object({
  ...{ segment: z.string(), flow: z.string(), conditions: z.array(z.string()) },
  highest: z.number().nullable(),
  ceiling: z.number().nullable(),
  steps: z.array(
    z.object({
      phase: z.string(),
      rate: count,
      status: z.enum(['held', 'missed', 'unclear', 'generator-limited']),
      conditions: z.array(objective),
    }),
  ),
});

const verdictStatus = z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE']);
const abort = z.object({
  why: z.string(),
  metAt: z.number().nullable(),
  detectedAfterMs: z.number().nullable(),
  undoneAfterMs: z.number().nullable(),
});

const apart = z.object({ requests: z.number(), failed: z.number() });
const scriptFacts = z.object({
  ...{ name: z.string(), script: z.string(), digest: z.string() },
  models: z.record(z.string(), z.enum(['open', 'closed'])),
  thresholds: z.record(z.string(), z.array(z.string())),
  flags: z.array(z.string()),
  crossed: z.array(z.string()).nullable().optional(),
  setup: apart.optional(),
  teardown: apart.optional(),
  withoutRequest: z.record(z.string(), z.number()).optional(),
});

export const resultShape = z.object({
  schema: z.literal('gauntlet.result/1'),
  run: z.object({
    ...{ id: z.string(), campaign: z.string(), target: z.string(), seed: z.number() },
    ...{ startedAt: z.string(), endedAt: z.string() },
    versions: z.record(z.string(), z.string()),
  }),
  verdict: z.object({
    status: verdictStatus,
    exitCode: z.number(),
    reasons: z.array(z.object({ status: verdictStatus, text: z.string() })),
  }),
  abort: abort.nullable().optional(),
  phases: z.array(z.object({ name: z.string(), from: z.number(), to: z.number() })),
  flows: z.record(z.string(), z.record(z.string(), flowPhase)),
  faults: z.array(faultRecordShape),
  ledger,
  ledgers: z.record(z.string(), ledger),
  objectives: z.array(objective),
  repeats: z.array(repeated).optional(),
  capacity: z.array(capacity).optional(),
  gate: gateResultShape.optional(),
  history: historyResultShape.optional(),
  audit: auditResultShape.optional(),
  records: recordsResultShape.optional(),
  paths: z.record(z.string(), pathResultShape).optional(),
  scripts: z.array(scriptFacts).optional(),
  harness: z.object({ cpuRatio: count, k6CpuRatio: count, rssMb: count, k6RssMb: count }).nullable(),
});

export const RESULT_SHAPE_IS_WHOLE: SameShape<Result, z.infer<typeof resultShape>> = true;
