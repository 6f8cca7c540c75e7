/** The schema of a line of `kafka.ndjson`. */
import { z } from 'zod';
import type { KafkaReading } from '../kafka-state.ts';
import type { SameShape } from './shape-check.ts';

const count = z.int().nonnegative();

export const kafkaReadingShape = z.object({
  ...{ service: z.string(), at: z.number(), tookMs: z.number().nonnegative() },
  partitions: z
    .object({ all: count, writable: count.nullable(), inSync: count, preferred: count })
    .nullable(),
  groups: z.record(z.string(), z.object({ state: z.string(), lag: count.nullable() })),
});

export const KAFKA_READING_IS_WHOLE: SameShape<KafkaReading, z.infer<typeof kafkaReadingShape>> = true;
