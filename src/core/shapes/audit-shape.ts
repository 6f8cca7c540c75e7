/** The schema of audits in plans, events and results. */
import { z } from 'zod';
import { AUDIT_KINDS, type AuditPlan, type AuditResult } from '../audit.ts';
import type { SameShape } from './shape-check.ts';

const kind = z.enum(AUDIT_KINDS);
const count = z.number().nonnegative();
const instant = z.number();
const texts = z.array(z.string());
const most = z.partialRecord(kind, count);

export const auditPlanShape = z.object({
  goals: z.array(
    z.object({ name: z.string(), kind: z.enum(['clean', 'no-worse']), source: z.string().nullable() }),
  ),
  rules: z.object({
    most,
    pendingAfterMs: count,
    restarts: z.object({ count, perMs: z.number().positive() }),
    sources: z.object({ names: texts, alias: z.record(z.string(), z.string()) }).nullable(),
    allow: z.partialRecord(kind, texts),
  }),
});

const finding = z.object({
  ...{ kind, namespace: z.string(), owner: z.string() },
  objects: z.array(
    z.object({ name: z.string(), id: z.string(), why: z.string(), since: instant.nullable() }),
  ),
  isAllowed: z.boolean(),
});

export const auditSideShape = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('read'), at: instant, namespaces: texts },
    ...{ pods: count, services: count, workloads: texts },
    findings: z.array(finding),
    restarts: z.array(
      z.object({ uid: z.string(), pod: z.string(), namespace: z.string(), owner: z.string(), count }),
    ),
  }),
  z.object({ kind: z.literal('failed'), why: z.string() }),
]);

export const auditResultShape = z.object({
  before: auditSideShape.nullable(),
  after: auditSideShape.nullable(),
  worse: z.array(finding),
  gone: texts,
  most,
});

export const AUDIT_SHAPES_ARE_WHOLE: readonly [
  SameShape<AuditPlan, z.infer<typeof auditPlanShape>>,
  SameShape<AuditResult, z.infer<typeof auditResultShape>>,
] = [true, true];
