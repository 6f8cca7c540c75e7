/**
 * The schema of `plan.json`. Fields that older run directories lack are optional here and required in the
 * type.
 */
import { z } from 'zod';
import { EXECUTORS } from '../foreign-script.ts';
import type { Plan } from '../plan.ts';
import { tlsShape } from './access-shape.ts';
import { auditPlanShape } from './audit-shape.ts';
import { historyPlanShape } from './gate-history-shape.ts';
import { gatePlanShape } from './gate-shape.ts';
import { pathPlanShape } from './paths-shape.ts';
import { recordsPlanShape } from './records-shape.ts';
import type { SameShape } from './shape-check.ts';

const duration = z.number().nonnegative();
const rate = z.number().nonnegative();
const comparison = z.enum(['<', '<=', '>', '>=']);
const clock = z.enum(['response', 'service', 'lateness']);

const quantile = z.object({ kind: z.literal('quantile'), clock, quantile: z.number().gt(0).lte(1) });
const failed = z.object({ kind: z.literal('failed') });

const objective = z.object({
  name: z.string(),
  flow: z.string(),
  indicator: z.discriminatedUnion('kind', [
    quantile,
    failed,
    z.object({ kind: z.literal('rate') }),
    z.object({ kind: z.literal('ready') }),
    z.object({ kind: z.literal('capacity') }),
    z.object({ kind: z.literal('recovered') }),
    z.object({ kind: z.literal('loss') }),
    z.object({ kind: z.enum(['lost', 'duplicated', 'late', 'stuck', 'reordered']) }),
  ]),
  comparison,
  limit: z.number(),
  scope: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('phase'), phase: z.string(), overMs: duration.optional() }),
    z.object({ kind: z.literal('after'), fault: z.string() }),
    z.object({ kind: z.literal('run') }),
  ]),
  source: z.string().nullable(),
});

const abort = z.object({
  text: z.string(),
  flow: z.string(),
  indicator: z.discriminatedUnion('kind', [quantile, failed]),
  comparison,
  limit: z.number(),
  forMs: duration,
});

const share = z.number().nonnegative();
const rateSearch = z.object({
  scenarios: z.array(z.string()),
  found: z
    .object({
      carriedShare: share,
      share,
      why: z.string(),
      levels: z.array(
        z.object({
          share,
          dueRate: rate,
          badRatio: z.number().min(0).max(1),
          p95Ms: z.number().nullable(),
          cpuBusyRatio: z.number(),
          missed: z.string().nullable(),
        }),
      ),
    })
    .nullable(),
});

const foreignFlow = z.object({
  kind: z.enum(EXECUTORS),
  model: z.enum(['open', 'closed']),
  exec: z.string(),
  own: z
    .object({
      startMs: duration,
      lengthMs: duration,
      iterations: z.number().nonnegative().optional(),
      arrivals: z
        .object({
          unitMs: z.number().positive(),
          startRate: rate,
          targets: z.array(rate),
          durationsMs: z.array(duration),
        })
        .optional(),
    })
    .optional(),
});

const foreignLoad = z.object({
  digest: z.string(),
  functions: z.array(z.string()),
  hasSetup: z.boolean(),
  hasTeardown: z.boolean(),
  thresholds: z.record(z.string(), z.array(z.string())),
  steps: z.string().optional(),
  secrets: z.record(z.string(), z.string()),
  totalMs: duration,
  flags: z.array(z.string()),
});

const scenario = z.object({
  scenario: z.string(),
  script: z.string(),
  flows: z.array(
    z.object({
      flow: z.string(),
      service: z.string().optional(),
      executor: z.string(),
      schedule: z.object({
        startRate: rate,
        stages: z.array(z.object({ to: rate, durationMs: duration })),
      }),
      worstStallMs: duration,
      vus: z.number().nonnegative(),
      standsBy: z.boolean().optional(),
      records: z.array(z.string()).optional(),
      foreign: foreignFlow.optional(),
    }),
  ),
  generators: z.number().positive().optional(),
  redirects: z.number().nonnegative().optional(),
  vuKb: z.number().nonnegative().optional(),
  tls: z
    .object({ services: z.record(z.string(), tlsShape), hosts: z.record(z.string(), z.string()) })
    .optional(),
  env: z.record(z.string(), z.string()),
  foreign: foreignLoad.optional(),
});

const shape = z.object({
  steps: z.array(z.object({ phase: z.string(), from: rate, to: rate, lengthMs: duration })),
  search: z
    .object({
      segment: z.string(),
      flow: z.string(),
      conditions: z.array(objective),
      phases: z.array(z.string()),
    })
    .nullable(),
});

export const faultGroupShape = z.object({ name: z.string(), how: z.enum(['together', 'then']) });

const fault = z.object({
  name: z.string(),
  kind: z.string(),
  spec: z.record(z.string(), z.unknown()),
  written: z.string(),
  holdMs: duration.nullable(),
  endsInMs: duration.optional(),
  round: z.number().optional(),
  seed: z.number().optional(),
  group: faultGroupShape.optional(),
  side: z.enum(['baseline', 'candidate']).optional(),
});

export const planShape = z.object({
  schema: z.literal('gauntlet.plan/1'),
  id: z.string(),
  campaign: z.string(),
  target: z.string(),
  seed: z.number(),
  versions: z.record(z.string(), z.string()),
  subject: z.record(z.string(), z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  scale: z.number().optional(),
  rateSearch: rateSearch.optional(),
  load: z.array(scenario),
  faultLoad: z.array(scenario).optional(),
  shape: shape.nullable().optional(),
  gate: gatePlanShape.optional(),
  history: historyPlanShape.optional(),
  warmupMs: duration,
  baselineMs: duration,
  untilLoadEnds: z.boolean().optional(),
  records: recordsPlanShape.optional(),
  paths: z.array(pathPlanShape).optional(),
  faults: z.array(fault),
  repeat: z.number().optional(),
  recovery: z.object({ holdMs: duration, timeoutMs: duration }),
  abort: z.array(abort),
  objectives: z.array(objective),
  audit: auditPlanShape.optional(),
  expectedMs: duration.optional(),
  longestMs: duration,
  loadBoundMs: duration.optional(),
  notes: z.array(z.string()).optional(),
  insecure: z.array(z.string()).optional(),
  warnings: z.array(z.string()).optional(),
});

export const PLAN_SHAPE_IS_WHOLE: SameShape<Plan, z.infer<typeof planShape>> = true;
