/** The shape of a system file, on one page. `read-system.ts` checks what depends on several keys. */
import { z } from 'zod';
import { find } from '../find.ts';
import { block, listOf } from '../forms.ts';
import { audit } from './audit.ts';
import { paths } from './paths.ts';
import { service } from './service.ts';
import { text, textOf } from './text.ts';

export const SYSTEM_SCHEMA = 'gauntlet.system/1';
const NAME = 'a name of lower-case letters, digits and dashes';

const slo = block({
  limit: text('an objective without its phase, such as web.orders p99 < 500ms'),
  source: text('where it is documented'),
});

export const systemSchema = block({
  schema: z.literal(SYSTEM_SCHEMA, { error: `${SYSTEM_SCHEMA}, which this version reads` }),
  name: textOf(/^[a-z0-9][a-z0-9-]{0,39}$/, NAME).describe('its name in targets and reports'),
  summary: text('one sentence').describe('what it does, in one sentence'),
  find: find.optional().describe('the default of each service'),
  services: z
    .record(z.string(), service, { error: 'a map of services such as web: { http: 8080 }' })
    .describe('its services, and what each speaks'),
  links: listOf(
    text('a line such as "orders -> cache, bus"'),
    'a list of lines such as "orders -> cache, bus"',
  )
    .optional()
    .describe('who dials whom'),
  paths: paths.optional().describe('topics that one request crosses, each path as a flow of its own'),
  slos: z
    .record(z.string(), slo, { error: 'a map of documented limits' })
    .optional()
    .describe('documented limits, which a campaign names with: slo NAME in PHASE'),
  audit: audit.optional(),
});

export type WrittenSystem = z.output<typeof systemSchema>;
