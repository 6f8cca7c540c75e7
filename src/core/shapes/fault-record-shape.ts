/** The schema of a fault's record, as the event `fault-done` carries it. */
import { z } from 'zod';
import type { FaultRecord } from '../result.ts';
import { kafkaRecoveryShape } from './kafka-state-shape.ts';
import { faultGroupShape } from './plan-shape.ts';
import type { SameShape } from './shape-check.ts';

/** Milliseconds since the epoch that a `Date` can hold. */
export const instantShape = z.number().nonnegative().lte(8.64e15);

const receipt = z.object({
  held: z.string(),
  fresh: z.string(),
  boundMs: z.number(),
  evidence: z.string(),
});

const recovery = z.object({
  status: z.enum(['recovered', 'never-degraded', 'censored']),
  onsetMs: z.number().nullable(),
  sinceInjectedMs: z.number().nullable(),
  sinceRemovedMs: z.number().nullable(),
  boundMs: z.number(),
  worst: z.number(),
  lossSeconds: z.number(),
  flaps: z.number(),
  relapsedAtMs: z.number().optional(),
  ownStalls: z.number().optional(),
});

const stretch = z.object({ name: z.string(), ms: z.number(), boundMs: z.number().optional() });

export const faultRecordShape = z.object({
  name: z.string(),
  kind: z.string(),
  victim: z.string(),
  plannedAt: instantShape.nullable(),
  appliedAt: instantShape.nullable(),
  injectedAt: instantShape.nullable(),
  removedAt: instantShape.nullable(),
  status: z.enum(['injected', 'not-injected', 'residue']),
  injection: receipt.nullable(),
  removal: receipt.nullable(),
  lease: z.object({ ttlMs: z.number(), holder: z.string() }).nullable(),
  recovery: z.record(z.string(), recovery),
  layers: z.record(z.string(), recovery).optional(),
  kafka: z.record(z.string(), kafkaRecoveryShape).optional(),
  pod: z.object({ phases: z.array(stretch) }).nullable(),
  probes: z.array(z.string()).optional(),
  timers: z.array(z.string()),
  cutShort: z.string().nullable().optional(),
  endedBy: z.enum(['run', 'group', 'lease', 'effect-lost']).nullable().optional(),
  group: faultGroupShape.extend({ spoiled: z.string().nullable() }).optional(),
});

export const FAULT_RECORD_SHAPE_IS_WHOLE: SameShape<FaultRecord, z.infer<typeof faultRecordShape>> = true;
