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
  type Find,
  idFinder,
  type Needs,
  needsOf,
  partFinder,
  readCarrier,
  type Unread,
} from './carried-id.ts';

export interface StageQuestion {
  readonly topic: StageTopic;
  readonly needs: Needs;
  readonly id: Find<string | undefined>;
  /** What tells records of one request apart; undefined: nothing. */
  readonly per: Find<unknown> | undefined;
  readonly carried: readonly (readonly [name: string, find: Find<string | undefined>])[];
  /** The fields of a last record, each with the bit of its path of the plan. */
  readonly ends: readonly (readonly [bit: number, fields: WantedFields])[];
}

/** @param ends by path of the plan. */
export function stageQuestion(topic: StageTopic, ends: readonly (WantedFields | undefined)[]): StageQuestion {
  const { correlation, carries = {}, per } = topic;
  const { value, key } = needsOf([correlation, ...Object.values(carries), ...(per ? [per] : [])]);
  const wanted = ends.flatMap((fields, path) => (fields ? [[2 ** path, fields] as const] : []));
  return {
    topic,
    needs: { key, value: value || wanted.length > 0 },
    id: idFinder(correlation),
    per: per && partFinder(per),
    carried: Object.entries(carries).map(([name, place]) => [name, idFinder(place)] as const),
    ends: wanted,
  };
}

export interface StageRecord {
  /** Undefined: it has none. */
  readonly id: string | undefined;
  /** See StageRow. */
  readonly mark: number;
  readonly ends: number;
  /** In the order of the question; of each undefined: it has none there. Undefined: the topic carries none. */
  readonly carried: readonly (string | undefined)[] | undefined;
  readonly unread: Unread | undefined;
}

export function stageRecord(record: Carrier, question: StageQuestion, values: RecordValues): StageRecord {
  const read = readCarrier(record, question.needs, values);
  return {
    id: question.id(record, read),
    mark: question.per === undefined ? 0 : digestOf(question.per(record, read)),
    ends: question.ends.length === 0 ? 0 : endsOf(read.value, question.ends),
    carried:
      question.carried.length === 0 ? undefined : question.carried.map(([, find]) => find(record, read)),
    unread: read.unread,
  };
}

function endsOf(value: unknown, wanted: StageQuestion['ends']): number {
  if (value === undefined) return 0;
  let ends = 0;
  for (const [bit, fields] of wanted) if (mismatchOf(fields, value) === null) ends += bit;
  return ends;
}

/** 48 bits, and never 0: two of one request with equal digests by chance are not to be expected. */
const digestOf = (value: unknown): number =>
  1 +
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest()
    .readUIntBE(0, 6);
