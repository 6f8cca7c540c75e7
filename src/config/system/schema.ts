/** The shape of a system file, on one page. `read-system.ts` checks what depends on several keys. */
import { z } from 'zod';
import { block } from '../forms.ts';
import { service } from './service.ts';
import { text, textOf } from './text.ts';

export const SYSTEM_SCHEMA = 'gauntlet.system/1';
const NAME = 'a name of lower-case letters, digits and dashes';

export const systemSchema = block({
  schema: z.literal(SYSTEM_SCHEMA, { error: `${SYSTEM_SCHEMA}, which this version reads` }),
  name: textOf(/^[a-z0-9][a-z0-9-]{0,39}$/, NAME).describe('its name in targets and reports'),
  summary: text('one sentence').describe('what it does, in one sentence'),
  services: z
    .record(z.string(), service, { error: 'a map of services such as web: { http: 8080 }' })
    .describe('its services, and what each speaks'),
});

export type WrittenSystem = z.output<typeof systemSchema>;
