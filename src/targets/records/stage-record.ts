/**
 * What a record of a path's stage says: the id of its request, which of several it is, and whether it is the
 * last.
 */
import { createHash } from 'node:crypto';
import { mismatchOf } from '../../core/good-answer.ts';
import type { StageTopic } from '../../core/paths.ts';
import type { Correlation, WantedFields } from '../../core/system.ts';
import type { KafkaRecord } from '../../protocols/kafka/record-batches.ts';
import { jsonOf, valueAt } from './correlation-id.ts';

export interface StageQuestion {
  readonly topic: StageTopic;
  /** By path of the plan: the fields of a last record. */
  readonly ends: readonly (WantedFields | undefined)[];
}

export interface StageRecord {
  /** Undefined: it has none. */
  readonly id: string | undefined;
  /** See StageRow. */
  readonly mark: number;
  readonly ends: number;
}

export function stageRecord(
  record: Pick<KafkaRecord, 'headers' | 'value'>,
  question: StageQuestion,
): StageRecord {
  const { topic, ends } = question;
  const json = needsJson(question) && record.value !== null ? jsonOf(record.value) : undefined;
  const id = textAt(record, json, topic.correlation);
  return {
    id: typeof id === 'string' && id !== '' ? id : undefined,
    mark: topic.per === undefined ? 0 : digestOf(textAt(record, json, topic.per)),
    ends: ends.reduce(
      (sum, fields, path) =>
        fields !== undefined && json !== undefined && mismatchOf(fields, json) === null
          ? sum + 2 ** path
          : sum,
      0,
    ),
  };
}

export const needsJson = ({ topic, ends }: StageQuestion): boolean =>
  [topic.correlation, topic.per].some((one) => one !== undefined && 'json' in one) ||
  ends.some((one) => one !== undefined);

function textAt({ headers }: Pick<KafkaRecord, 'headers'>, json: unknown, place: Correlation): unknown {
  if ('json' in place) return valueAt(json, place.json);
  return headers.find(([name]) => name === place.header)?.[1]?.toString('utf8');
}

/** 48 bits, and never 0: two of one request with equal digests by chance are not to be expected. */
const digestOf = (value: unknown): number =>
  1 +
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest()
    .readUIntBE(0, 6);
