/** The schemas of the ledger of records: its part of plan and result, and the lines of its two files. */
import { z } from 'zod';
import type { AnswerIncrement, RecordRow, RecordsPlan, RecordsResult } from '../records.ts';
import { correlationShape } from './correlation-shape.ts';
import { countsShape } from './number-array.ts';
import type { SameShape } from './shape-check.ts';

const count = z.int().nonnegative();

export const recordsPlanShape = z.object({
  service: z.string(),
  topics: z.array(z.object({ name: z.string(), correlation: correlationShape })),
});

const counts = z.object({ sent: count, acked: count, lost: count, late: count, duplicated: count });
const partition = z.object({
  ...{ from: count, to: count, own: count, late: count, again: count },
  ...{ foreign: count, without: count, aborted: count },
});

export const recordsResultShape = z.object({
  flows: z.record(z.string(), counts),
  phases: z.record(z.string(), z.record(z.string(), counts)),
  partitions: z.record(z.string(), partition),
  lateAs: z.record(z.string(), count),
  lostIds: z.array(z.string()),
  open: z.array(z.string()),
});

export const answerShape = z.object({
  flow: z.string(),
  second: count,
  good: countsShape,
  bad: z.record(z.string(), countsShape),
});

const place = { topic: z.string(), partition: count };
export const recordRowShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['from', 'to']), ...place, offset: count }),
  z.object({
    kind: z.literal('read'),
    ...place,
    own: z.record(z.string(), countsShape),
    ...{ foreign: count, without: count, aborted: count },
  }),
  z.object({ kind: z.literal('open'), why: z.string() }),
]);

export const RECORD_SHAPES_ARE_WHOLE: readonly [
  SameShape<RecordsPlan, z.infer<typeof recordsPlanShape>>,
  SameShape<RecordsResult, z.infer<typeof recordsResultShape>>,
  SameShape<AnswerIncrement, z.infer<typeof answerShape>>,
  SameShape<RecordRow, z.infer<typeof recordRowShape>>,
] = [true, true, true, true];
