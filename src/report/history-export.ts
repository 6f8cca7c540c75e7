/** The nights and series of a history for a notebook: a table in CSV (RFC 4180), or a JSON value a line. */
import type { Night } from '../core/night.ts';
import { plain, printableJsonLine } from '../core/plain.ts';
import type { Segment, Trend } from '../core/trend.ts';
import { reasonsWorstFirst } from './rows.ts';

export type ExportFormat = 'csv' | 'ndjson';

type Value = string | number | boolean | null;
/** One row; its keys are the columns. */
type Row = Readonly<Record<string, Value>>;

/** One row a night. NDJSON has the whole records. */
export const exportNights = (trends: readonly Trend[], format: ExportFormat): string =>
  format === 'ndjson'
    ? lines(trends.flatMap((trend) => trend.nights))
    : csv(
        NIGHT_COLUMNS,
        trends.flatMap((trend) => trend.nights.map((night) => nightRow(night, trend))),
      );

/** One row for each series and night; a night without a value is a row with its gap. */
export function exportSeries(trends: readonly Trend[], format: ExportFormat): string {
  const rows = trends.flatMap(seriesRows);
  return format === 'ndjson' ? lines(rows) : csv(SERIES_COLUMNS, rows);
}

const NIGHT_COLUMNS = [
  ...['night', 'run', 'campaign', 'environment', 'target', 'started_at', 'ended_at', 'status', 'run_status'],
  ...['first_reason', 'campaign_hash', 'seed', 'faults', 'not_injected', 'recoveries', 'censored'],
  ...['in_quarantine', 'is_pinned', 'report'],
];

function nightRow(night: Night, { pinned }: Trend): Row {
  const { faults, recoveries } = night;
  return {
    ...{ night: night.id, run: night.run, campaign: night.campaign, environment: night.environment.key },
    ...{ target: night.target, started_at: night.startedAt, ended_at: night.endedAt },
    ...{ status: night.status, run_status: night.runStatus },
    first_reason: reasonsWorstFirst(night.reasons)[0]?.text ?? null,
    ...{ campaign_hash: night.campaignHash, seed: night.seed, faults: faults.length },
    not_injected: faults.filter((one) => one.whyNotInjected !== null).length,
    recoveries: recoveries.length,
    censored: recoveries.filter((one) => one.status === 'censored').length,
    in_quarantine: night.quarantine.length,
    ...{ is_pinned: night.id === pinned, report: night.report },
  };
}

const SERIES_COLUMNS = [
  ...['campaign', 'environment', 'series', 'kind', 'is_headline', 'night', 'started_at', 'status', 'segment'],
  ...['value', 'low', 'high', 'is_censored', 'gap', 'change', 'shift', 'state'],
];

function seriesRows({ campaign, environment, nights, segments, series }: Trend): readonly Row[] {
  const byId = new Map(nights.map((night) => [night.id, night]));
  return series.flatMap(({ id, kind, isHeadline, state, changes, nights: points }) => {
    const parts = segmentNumbers(nights, segments, kind === 'recovery' || kind === 'recovered-share');
    return points.map((point): Row => {
      const change = changes.find((one) => one.at === point.night);
      return {
        ...{ campaign, environment, series: id, kind, is_headline: isHeadline, night: point.night },
        started_at: byId.get(point.night)?.startedAt ?? null,
        status: byId.get(point.night)?.status ?? null,
        segment: parts.get(point.night) ?? null,
        ...{ value: point.value, low: point.low, high: point.high, is_censored: point.censored },
        ...{ gap: point.gap, change: change?.state ?? null, shift: change?.shift ?? null, state },
      };
    });
  });
}

/** From 1. A longer watch parts the recoveries alone. */
function segmentNumbers(
  nights: readonly Night[],
  segments: readonly Segment[],
  isRecovery: boolean,
): ReadonlyMap<string, number> {
  const begins = segments.filter((one) => isRecovery || one.only === undefined).map((one) => one.from);
  let number = 0;
  return new Map(
    nights.map(({ id }) => {
      if (begins.includes(id)) number += 1;
      return [id, Math.max(1, number)];
    }),
  );
}

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${printableJsonLine(value)}\n`).join('');

const csv = (columns: readonly string[], rows: readonly Row[]): string =>
  [columns, ...rows.map((row) => columns.map((name) => csvCell(row[name] ?? null)))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');

/** A spreadsheet runs a text that begins like a formula: it gets an apostrophe in front. */
function csvCell(value: Value): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = plain(value).replace(/^(?=[=+\-@])/, "'");
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
