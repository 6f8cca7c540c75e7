/** The schemas of what a history holds beside its nights. */
import { z } from 'zod';
import type { Pin, ToldChange } from '../history.ts';
import type { SameShape } from './shape-check.ts';

const text = z.string().min(1);
const of = { campaign: text, environment: text };

export const markerShape = z.object({ schema: z.literal('gauntlet.history/1') });

export const pinShape = z.object({
  schema: z.literal('gauntlet.pin/1'),
  ...of,
  night: text.nullable(),
  at: z.iso.datetime(),
  by: text.nullable(),
  reason: text.nullable(),
});

export const toldShape = z.object({
  schema: z.literal('gauntlet.told/1'),
  ...of,
  ...{ series: text, at: text, state: z.enum(['suspected', 'confirmed']), toldIn: text },
});

export const PIN_SHAPE_IS_WHOLE: SameShape<Pin, z.infer<typeof pinShape>> = true;
export const TOLD_SHAPE_IS_WHOLE: SameShape<ToldChange, z.infer<typeof toldShape>> = true;
