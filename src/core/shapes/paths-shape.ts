/** The schemas of paths: their part of plan and result, and the lines of their file. */
import { z } from 'zod';
import type { PathPlan, PathResult, StageRow } from '../paths.ts';
import { correlationShape } from './correlation-shape.ts';
import { numbersShape } from './number-array.ts';
import type { SameShape } from './shape-check.ts';

const count = z.int().nonnegative();
const topic = z.object({
  ...{ name: z.string(), correlation: correlationShape, by: z.string().optional() },
  carries: z.record(z.string(), correlationShape).optional(),
  per: correlationShape.optional(),
});
const wanted = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('one-of'), values: z.array(z.unknown()) }),
  z.object({ kind: z.literal('not'), value: z.unknown() }),
  z.object({ kind: z.literal('exists'), exists: z.boolean() }),
  z.object({ kind: z.literal('matches'), pattern: z.string() }),
]);

export const pathPlanShape = z.object({
  name: z.string(),
  withinMs: z.number().positive(),
  flows: z.array(z.string()),
  stages: z.array(
    z.object({
      name: z.string(),
      topics: z.array(topic),
      ends: z.record(z.string(), wanted).optional(),
    }),
  ),
});

const time = z.number().nullable();
const counts = z.object({
  ...{ expected: count, arrived: count, ended: count, lost: count, stuck: count, waiting: count },
  ...{ duplicated: count, reordered: count },
  ms: z.object({ p50: time, p95: time, p99: time, max: time }),
});
const pathCounts = z.object({ whole: counts, stages: z.array(counts) });

export const pathResultShape = z.object({
  stages: z.array(z.string()),
  withinMs: z.number(),
  run: pathCounts,
  phases: z.record(z.string(), pathCounts),
  lostIds: z.array(z.string()),
  stuckIds: z.array(z.string()),
  backwards: count,
  open: z.array(z.string()),
});

const place = { topic: z.string(), partition: count };
export const stageRowShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['from', 'to']), ...place, offset: count }),
  z.object({
    ...{ kind: z.literal('read'), ...place },
    own: z.record(z.string(), numbersShape),
    ...{ foreign: count, without: count },
  }),
  z.object({ kind: z.literal('until'), at: z.number() }),
  z.object({ kind: z.literal('open'), why: z.string() }),
]);

export const PATH_SHAPES_ARE_WHOLE: readonly [
  SameShape<PathPlan, z.infer<typeof pathPlanShape>>,
  SameShape<PathResult, z.infer<typeof pathResultShape>>,
  SameShape<StageRow, z.infer<typeof stageRowShape>>,
] = [true, true, true];
