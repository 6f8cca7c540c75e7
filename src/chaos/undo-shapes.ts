/**
 * Schemas for the parts that the undo data of several faults share. A journal comes from elsewhere (another
 * version, another machine, an edited file): nothing of it reaches a platform before it has passed the schema
 * of its fault.
 */
import { z } from 'zod';
import { WORKLOAD_KINDS, type Workload } from '../core/acts/workload-acts.ts';
import type { ContainerVictim, PodVictim, ProcessVictim, Victim } from '../core/topology.ts';

/** The id of an impairment, a pause or a stress: it becomes part of names on the target. */
export const idShape = z
  .string()
  .regex(/^[a-z0-9-]{1,120}$/, 'expected lower-case letters, digits and -, at most 120');

export const processShape: z.ZodType<ProcessVictim> = z.object({
  service: z.string(),
  instance: z.string(),
  // A signal to 0 or below goes to a whole group of processes.
  pid: z.int().positive(),
  startTicks: z.string().regex(/^\d+$/, 'expected a number of clock ticks'),
});

export const podShape: z.ZodType<PodVictim> = z.object({
  service: z.string(),
  instance: z.string(),
  namespace: z.string(),
  uid: z.string(),
  run: z.object({ container: z.string(), id: z.string() }).exactOptional(),
});

export const containerShape: z.ZodType<ContainerVictim> = z.object({
  service: z.string(),
  instance: z.string(),
  // It becomes part of a path.
  container: z.string().regex(/^[0-9a-f]{64}$/, 'expected the id of a container'),
  startTime: z.string(),
});

export const victimShape: z.ZodType<Victim> = z.union([processShape, podShape, containerShape]);

export const countShape = z.int().nonnegative();

export const workloadShape: z.ZodType<Workload> = z.object({
  service: z.string(),
  kind: z.enum(WORKLOAD_KINDS),
  name: z.string(),
  namespace: z.string().nullable(),
  uid: z.string(),
});
