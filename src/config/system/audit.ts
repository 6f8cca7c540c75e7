/** What a namespace of a system must not show: the rules of its audit. */
import { z } from 'zod';
import { AUDIT_KINDS, type AuditKind, type AuditRules } from '../../core/audit.ts';
import type { SystemAudit } from '../../core/system.ts';
import { type Ms, ms, parseDuration } from '../../core/units.ts';
import { block, listOf, wholeNumber } from '../forms.ts';
import type { Problems } from '../problems.ts';
import { durationOf } from '../words/duration.ts';
import { word } from '../words/word.ts';
import { text } from './text.ts';

const RESTARTS = /^\s*(\d{1,4})\s+per\s+(\S+)\s*$/;
const RESTARTS_EXPECTED = 'a number of restarts of one pod and a time, such as 3 per 10m';
const DEFAULTS = {
  pendingAfterMs: ms(60_000),
  restarts: { count: 3, perMs: ms(600_000) },
} as const;

const restarts = word<AuditRules['restarts']>({
  id: 'restarts',
  description: RESTARTS_EXPECTED,
  examples: ['3 per 10m'],
  expected: RESTARTS_EXPECTED,
  pattern: RESTARTS,
  read(written) {
    const [, count, time] = RESTARTS.exec(written) ?? [];
    const parsed = parseDuration(time);
    if (count === undefined || !parsed.ok || parsed.value < 1000)
      return { ok: false, expected: RESTARTS_EXPECTED };
    return { ok: true, value: { count: Number(count), perMs: parsed.value } };
  },
  write: ({ count, perMs }) => `${count} per ${perMs}ms`,
});

const kinds = <Schema extends z.ZodType>(schema: Schema) =>
  Object.fromEntries(AUDIT_KINDS.map((kind) => [kind, schema.optional()])) as Record<
    AuditKind,
    z.ZodOptional<Schema>
  >;

const MOST = `how many are accepted, by kind: at least one of ${AUDIT_KINDS.join(', ')}`;
const OWNERS = 'a list of names of workloads or Services, such as [batch, test-*]';

export const audit = block({
  most: block(kinds(wholeNumber(0, 100_000, 'a number from 0')))
    .refine((most) => Object.values(most).some((one) => one !== undefined), { error: MOST })
    .describe('how many are accepted, by kind; kinds that are not named are shown and not judged'),
  pendingAfter: durationOf('0s')
    .optional()
    .describe('how long an audit waits for what may be over soon, such as a pod that starts; default: 60s'),
  restarts: restarts.optional().describe('more of one pod in that time are a crash loop; default: 3 per 10m'),
  sources: block({
    list: text('the path of a file beside this one').describe('a file with the name of one source a line'),
    alias: z
      .record(z.string(), text('the name of a source'), {
        error: 'a map such as { web: web_frontend }: by workload, its source',
      })
      .optional()
      .describe('workloads whose source has another name'),
  })
    .optional()
    .describe('where workloads come from: one without a source is an orphan'),
  allow: block(kinds(listOf(text('the name of a workload or Service'), OWNERS)))
    .optional()
    .describe('findings that are expected, by kind: shown and not judged'),
}).describe('what its namespaces must not show (gauntlet audit)');

export type WrittenAudit = z.output<typeof audit>;

/** @param resolved the absolute path of a file beside the system's. */
export function auditOf(
  written: WrittenAudit,
  { file }: Problems,
  resolved: (path: string) => string,
): SystemAudit {
  const { most, pendingAfter, restarts: limit, sources, allow = {} } = written;
  const at = ['audit', 'sources'];
  return {
    rules: {
      most: defined(most),
      pendingAfterMs: (pendingAfter as Ms | undefined) ?? DEFAULTS.pendingAfterMs,
      restarts: limit ?? DEFAULTS.restarts,
      allow: defined(allow),
    },
    sources:
      sources === undefined
        ? null
        : {
            list: resolved(sources.list),
            listAt: file.placeOf([...at, 'list']),
            alias: Object.entries(sources.alias ?? {}).map(([workload, source]) => ({
              ...{ workload, source, at: file.placeOf([...at, 'alias', workload]) },
            })),
          },
  };
}

const defined = <Value>(
  map: Readonly<Partial<Record<AuditKind, Value | undefined>>>,
): Partial<Record<AuditKind, Value>> =>
  Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
