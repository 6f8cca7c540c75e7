/** The schema of one line of `events.ndjson`. */
import { z } from 'zod';
import type { RunEvent } from '../events.ts';
import { auditSideShape } from './audit-shape.ts';
import { faultRecordShape, instantShape } from './fault-record-shape.ts';
import { faultGroupShape } from './plan-shape.ts';
import type { SameShape } from './shape-check.ts';

const stamps = { at: instantShape, wall: instantShape };
const event = <Kind extends string, Fields extends z.core.$ZodLooseShape>(kind: Kind, fields: Fields) =>
  z.object({ kind: z.literal(kind), ...fields, ...stamps });

const verdictStatus = z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE']);
const verdict = z.object({
  status: verdictStatus,
  exitCode: z.number(),
  reasons: z.array(z.object({ status: verdictStatus, text: z.string() })),
});

const seen = { fault: z.string(), boundMs: z.number(), evidence: z.string() };

export const eventShape = z.discriminatedUnion('kind', [
  event('run-started', {
    id: z.string(),
    campaign: z.string(),
    target: z.string(),
    seed: z.number(),
    expectedMs: z.number().optional(),
    longestMs: z.number(),
  }),
  event('step', { text: z.string() }),
  event('load-started', { scenario: z.string(), pid: z.number() }),
  event('phase', { name: z.string(), from: z.number().optional() }),
  event('baseline', {
    flow: z.string(),
    p99Us: z.number(),
    failedRatio: z.number(),
    slowUs: z.number(),
  }),
  event('fault-planned', {
    fault: z.string(),
    victims: z.array(z.string()),
    timers: z.array(z.string()),
    group: faultGroupShape.optional(),
  }),
  event('fault-applied', { fault: z.string() }),
  event('fault-injected', seen),
  event('fault-not-injected', { fault: z.string(), evidence: z.string() }),
  event('fault-undoing', { fault: z.string(), why: z.string() }),
  event('fault-removed', seen),
  event('fault-residue', { fault: z.string(), evidence: z.string() }),
  event('recovered', { fault: z.string(), sli: z.string(), sinceInjectedMs: z.number() }),
  event('relapsed', { fault: z.string(), sli: z.string(), sinceInjectedMs: z.number() }),
  event('recovery-watched', {
    notBack: z.record(z.string(), z.array(z.string())),
    until: z.object({ flows: z.record(z.string(), z.number()), probes: z.number() }),
  }),
  event('instances-ready', { service: z.string(), ready: z.int().nonnegative(), since: instantShape }),
  event('instances-unwatched', {
    service: z.string(),
    from: instantShape,
    to: instantShape.nullable(),
    why: z.string(),
  }),
  event('instances-watched', { service: z.string(), until: instantShape }),
  event('fault-done', { record: faultRecordShape }),
  event('audited', { side: z.enum(['before', 'after']), audit: auditSideShape }),
  event('abort', { why: z.string() }),
  event('abort-condition-met', { metAt: instantShape }),
  event('load-stopped', {
    scenario: z.string(),
    exitCode: z.number().nullable(),
    expected: z.boolean(),
  }),
  event('harness-usage', {
    harnessCpuMs: z.number(),
    k6CpuMs: z.number(),
    harnessRssMb: z.number(),
    k6RssMb: z.number(),
    spanMs: z.number(),
  }),
  event('clock-step', { byMs: z.number() }),
  event('failed', { why: z.string() }),
  event('interrupted', { signal: z.string() }),
  event('closed', { evidence: z.string().optional() }),
  event('run-ended', { verdict }),
]);

export const EVENT_SHAPE_IS_WHOLE: SameShape<RunEvent, z.infer<typeof eventShape>> = true;
