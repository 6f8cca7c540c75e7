/** What every report says about the ledger of records: one table by flow and phase, one by partition. */
import type { RecordCounts, RecordsResult } from '../core/records.ts';
import { formatCount } from './format.ts';

export const RECORDS_TITLE = 'Records in Kafka';
export const RECORDS_LEAD =
  'Good answers against the records that were committed. Lost: a good answer and no record. Late: a record, ' +
  'and the request had another end. Duplicated: more than one record.';

export const RECORD_TITLES = ['Flow', 'Phase', 'Sent', 'Good', 'Lost', 'Late', 'Duplicated'] as const;
export const PARTITION_TITLES = [
  ...(['Partition', 'Offsets', 'Own', 'Late', 'Again', 'Other ids', 'No id', 'Aborted'] as const),
];

export interface RecordLine {
  readonly flow: string;
  /** `all`: the whole run. */
  readonly phase: string;
  /** As in RECORD_TITLES, from the third on. */
  readonly cells: readonly string[];
  /** Something is lost or duplicated. */
  readonly isBad: boolean;
  readonly isLate: boolean;
}

/** Phases without a request are left out. */
export const recordLines = ({ flows, phases }: RecordsResult): readonly RecordLine[] =>
  Object.entries(flows).flatMap(([flow, whole]) => [
    ...Object.entries(phases[flow] ?? {})
      .filter(([, counts]) => counts.sent > 0)
      .map(([phase, counts]) => lineOf(flow, phase, counts)),
    lineOf(flow, 'all', whole),
  ]);

const lineOf = (flow: string, phase: string, counts: RecordCounts): RecordLine => {
  const { sent, acked, lost, late, duplicated } = counts;
  return {
    ...{ flow, phase, cells: [sent, acked, lost, late, duplicated].map(formatCount) },
    ...{ isBad: lost > 0 || duplicated > 0, isLate: late > 0 },
  };
};

/** As in PARTITION_TITLES. */
export const partitionLines = ({ partitions }: RecordsResult): readonly (readonly string[])[] =>
  Object.entries(partitions).map(([name, one]) => {
    const { from, to, own, late, again, foreign, without, aborted } = one;
    return [name, `${from} … ${to}`, ...[own, late, again, foreign, without, aborted].map(formatCount)];
  });

/** Sentences below the tables. Ids and outcomes are foreign text: escape them. */
export function recordNotes({ lateAs, lostIds, open }: RecordsResult): readonly string[] {
  const ends = Object.entries(lateAs).map(([outcome, count]) => `${outcome} ${formatCount(count)}`);
  return [
    ...open.map((why) => `Not everything was read: ${why}`),
    ...(ends.length > 0 ? [`The late requests had ended as ${ends.join(', ')}`] : []),
    ...(lostIds.length > 0 ? [`Lost, first: ${lostIds.join(', ')}`] : []),
  ];
}
