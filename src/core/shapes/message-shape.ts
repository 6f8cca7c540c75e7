/** The schema of a message to a webhook. */
import { z } from 'zod';
import { MESSAGE_SCHEMA, type Message } from '../message.ts';
import type { SameShape } from './shape-check.ts';

const verdict = z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE']);
const kind = z.enum(['requested', 'verdict', 'recovered', 'worse', 'better', 'quarantine-expired']);

export const messageShape = z.object({
  schema: z.literal(MESSAGE_SCHEMA),
  id: z.string(),
  campaign: z.string(),
  environment: z.string(),
  run: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  verdict,
  previous: verdict.nullable(),
  changes: z.array(z.object({ kind, text: z.string() })),
  headline: z.string(),
  reasons: z.array(z.object({ status: verdict, text: z.string() })),
  moreReasons: z.number(),
  report: z.string().nullable(),
});

export const MESSAGE_SHAPE_IS_WHOLE: SameShape<Message, z.infer<typeof messageShape>> = true;
