/** What a run read of the state of Kafka. Absent files are those of runs that read none. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaReading } from '../../core/kafka-state.ts';
import { kafkaReadingShape } from '../../core/shapes/kafka-state-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { eachRecord, type ReadRecords } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

export interface StoredKafka extends ReadRecords {
  readonly readings: readonly KafkaReading[];
}

export function readKafka(runDir: string): StoredKafka {
  const readings: KafkaReading[] = [];
  // The seal misses a file that was removed.
  if (!existsSync(join(runDir, RUN_FILES.kafka))) return { readings, flaws: [], cut: [] };
  const read = eachRecord(runDir, RUN_FILES.kafka, (value) => {
    const problem = shapeProblem(kafkaReadingShape, value);
    if (problem === null) readings.push(value as KafkaReading);
    return problem?.text ?? null;
  });
  return { readings, ...read };
}
