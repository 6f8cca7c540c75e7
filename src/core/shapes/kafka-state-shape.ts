/** The schema of a line of `kafka.ndjson`. */
import { z } from 'zod';
import { KAFKA_LAYERS, type KafkaReading } from '../kafka-state.ts';
import type { SameShape } from './shape-check.ts';

const count = z.int().nonnegative();

export const kafkaReadingShape = z.object({
  ...{ service: z.string(), at: z.number(), tookMs: z.number().nonnegative() },
  partitions: z
    .object({ all: count, writable: count.nullable(), inSync: count, preferred: count })
    .nullable(),
  ends: z.record(z.string(), count).optional(),
  groups: z.record(z.string(), z.object({ state: z.string(), lag: count.nullable() })),
});

const layer = z.enum(KAFKA_LAYERS);

export const kafkaRecoveryShape = z.object({
  ms: z.number(),
  parts: z.array(
    z.object({ layer, after: layer.nullable(), ms: z.number().nonnegative(), isOpen: z.boolean() }),
  ),
  heldBy: z.array(layer),
});

export const KAFKA_READING_IS_WHOLE: SameShape<KafkaReading, z.infer<typeof kafkaReadingShape>> = true;
