/** The schema of an entry of the quarantine. */
import { z } from 'zod';
import type { QuarantineEntry } from '../quarantine.ts';
import type { SameShape } from './shape-check.ts';

const text = z.string().min(1);
const time = z.iso.datetime();

export const quarantineShape = z.object({
  schema: z.literal('gauntlet.quarantine/1'),
  ...{ campaign: text, environment: text, fault: text, sli: text, owner: text, reason: text },
  ...{ since: time, until: time },
  evidence: z.array(text),
  lifted: z.object({ at: time, passes: z.array(text) }).nullable(),
});

export const QUARANTINE_SHAPE_IS_WHOLE: SameShape<QuarantineEntry, z.infer<typeof quarantineShape>> = true;
