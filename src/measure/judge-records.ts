/**
 * An objective on records. What is missing is lost only when everything was read; what is there is there,
 * however much was not read.
 */
import type { Objective } from '../core/objective.ts';
import type { RecordCounts, RecordsResult } from '../core/records.ts';
import { compare } from './abort.ts';
import { decided, type Finding, noData } from './finding.ts';
import { samplesForShare, wilson } from './statistics.ts';

export const isOnRecords = ({ indicator: { kind } }: Pick<Objective, 'indicator'>): boolean =>
  kind === 'lost' || kind === 'duplicated' || kind === 'late';

/** @param names of the phase, with its rounds; null: the whole run. */
export function judgeRecords(
  objective: Objective,
  records: RecordsResult | undefined,
  names: readonly string[] | null,
): Finding {
  if (records === undefined) return noData('no records were followed');
  const counts = countsIn(objective.flow, records, names);
  if (counts === undefined) return noData('its records are not followed');
  switch (objective.indicator.kind) {
    case 'lost':
      return counted(objective, counts.lost, counts.acked, { records, isMissing: true });
    case 'duplicated':
      return counted(objective, counts.duplicated, counts.acked, { records, isMissing: false });
    case 'late':
      return late(objective, counts, records);
    default:
      return noData('its path is not followed');
  }
}

function countsIn(
  flow: string,
  { flows, phases }: RecordsResult,
  names: readonly string[] | null,
): RecordCounts | undefined {
  if (names === null) return flows[flow];
  const rounds = names.flatMap((name) => phases[flow]?.[name] ?? []);
  if (rounds.length === 0) return undefined;
  const sum = (key: keyof RecordCounts): number => rounds.reduce((total, one) => total + one[key], 0);
  const [sent, acked, lost] = [sum('sent'), sum('acked'), sum('lost')];
  return { sent, acked, lost, late: sum('late'), duplicated: sum('duplicated') };
}

interface Reading {
  readonly records: RecordsResult;
  /** It counts what is absent: a part that was not read may hold it. */
  readonly isMissing: boolean;
}

function counted(
  objective: Objective,
  found: number,
  acked: number,
  { records, isMissing }: Reading,
): Finding {
  if (acked === 0) return noData('no request had a good answer');
  const finding = decided(objective, found, null, acked);
  const [why] = records.open;
  if (why === undefined) return { ...finding, note: lostNote(found, isMissing, records) };
  // What was read can only be more: a miss by what is there stays one.
  if (!isMissing && finding.status === 'FAIL') return finding;
  return { ...finding, status: 'INCONCLUSIVE', note: `not everything was read: ${why}` };
}

const lostNote = (found: number, isMissing: boolean, { lostIds: [first] }: RecordsResult): string | null =>
  found > 0 && isMissing && first !== undefined ? `the first is ${first}` : null;

function late(objective: Objective, { sent, late: found }: RecordCounts, records: RecordsResult): Finding {
  if (sent === 0) return noData('no request was sent');
  const [observed, interval] = [found / sent, wilson(found, sent)];
  const isBeyond = !compare(interval[0], objective.comparison, objective.limit);
  const needed = samplesForShare(objective.limit);
  if (sent < needed && !isBeyond)
    return { ...noData(`${sent} requests, ${needed} needed for this share`, sent), observed, interval };
  const finding = decided(objective, observed, interval, sent);
  const [why] = records.open;
  if (why === undefined || finding.status === 'FAIL') return finding;
  return { ...finding, status: 'INCONCLUSIVE', note: `not everything was read: ${why}` };
}
