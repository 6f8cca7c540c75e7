/**
 * What a record of a path's stage says: the id by which its request is known, other ids of it, which of
 * several records it is, and whether it is the last.
 */
import { createHash } from 'node:crypto';
import { mismatchOf } from '../../core/good-answer.ts';
import type { StageTopic } from '../../core/paths.ts';
import type { WantedFields } from '../../core/system.ts';
import type { RecordValues } from '../schemas/record-values.ts';
import {
  type Carrier,
  idAt,
  type Needs,
  needsOf,
  partOf,
  type ReadCarrier,
  readCarrier,
} from './carried-id.ts';

export interface StageQuestion {
  readonly topic: StageTopic;
  /** By path of the plan: the fields of a last record. */
  readonly ends: readonly (WantedFields | undefined)[];
  readonly needs: Needs;
}

export function stageQuestion(topic: StageTopic, ends: StageQuestion['ends']): StageQuestion {
  const { correlation, carries = {}, per } = topic;
  const { value, key } = needsOf([correlation, ...Object.values(carries), ...(per ? [per] : [])]);
  return { topic, ends, needs: { key, value: value || ends.some((one) => one !== undefined) } };
}

export interface StageRecord {
  /** Undefined: it has none. */
  readonly id: string | undefined;
  /** See StageRow. */
  readonly mark: number;
  readonly ends: number;
  /** By name, as the topic carries them. Undefined: it has none there. */
  readonly carried: readonly (readonly [name: string, id: string | undefined])[];
  readonly unread: ReadCarrier['unread'];
}

export function stageRecord(record: Carrier, question: StageQuestion, values: RecordValues): StageRecord {
  const { topic, ends, needs } = question;
  const read = readCarrier(record, needs, values);
  return {
    id: idAt(record, read, topic.correlation),
    mark: topic.per === undefined ? 0 : digestOf(partOf(record, read, topic.per)),
    ends: ends.reduce(
      (sum, fields, path) =>
        fields !== undefined && read.value !== undefined && mismatchOf(fields, read.value) === null
          ? sum + 2 ** path
          : sum,
      0,
    ),
    carried: Object.entries(topic.carries ?? {}).map(([name, place]) => [name, idAt(record, read, place)]),
    unread: read.unread,
  };
}

/** 48 bits, and never 0: two of one request with equal digests by chance are not to be expected. */
const digestOf = (value: unknown): number =>
  1 +
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest()
    .readUIntBE(0, 6);
