/**
 * The numbers for the charts, on one time axis for all flows. Longer runs use buckets of several seconds:
 * counts become means per second, and percentiles the worst second of the bucket, because percentiles cannot
 * be averaged and a peak must stay visible.
 */
import { recoveryPhase } from '../../core/fault-steps.ts';
import type { FaultRecord } from '../../core/result.ts';
import type { ReportInput, SeriesPoint } from '../input.ts';
import { flowsOf, runStart } from '../rows.ts';

/** No screen shows more points than this, and the file would grow without limit. */
const POINTS_MAX = 2400;

type Values = (number | null)[];

export interface ChartFlow {
  readonly name: string;
  readonly due: Values;
  readonly started: Values;
  readonly dropped: Values;
  readonly failed: Values;
  readonly p50: Values;
  readonly p95: Values;
  readonly p99: Values;
}

/** Seconds into the run; null where the instant was never reached. */
export interface ChartWindow {
  readonly name: string;
  readonly status: FaultRecord['status'];
  readonly applied: number | null;
  readonly injected: number | null;
  readonly removed: number | null;
  /** End of the recovery watch. */
  readonly watched: number | null;
}

export interface ChartData {
  /** Epoch ms of second 0 of the axis. */
  readonly start: number;
  /** Width of a bucket in seconds. */
  readonly step: number;
  readonly x: readonly number[];
  readonly flows: readonly ChartFlow[];
  readonly windows: readonly ChartWindow[];
}

/** A pixel cannot show more than four digits, and fewer keep the file small. */
const short = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(4)));

function valuesOf(buckets: readonly (readonly SeriesPoint[])[], name: string): ChartFlow {
  const mean = (key: 'due' | 'started' | 'dropped' | 'failed'): Values =>
    buckets.map((points) =>
      points.length === 0 ? null : short(points.reduce((sum, point) => sum + point[key], 0) / points.length),
    );
  const worst = (key: 'p50' | 'p95' | 'p99'): Values =>
    buckets.map((points) => {
      const known = points.map((point) => point[key]).filter((value) => value !== null);
      return known.length === 0 ? null : short(Math.max(...known));
    });
  return {
    name,
    due: mean('due'),
    started: mean('started'),
    dropped: mean('dropped'),
    failed: mean('failed'),
    p50: worst('p50'),
    p95: worst('p95'),
    p99: worst('p99'),
  };
}

function windowsOf(input: ReportInput, start: number): ChartWindow[] {
  const offset = (at: number | null): number | null => (at === null ? null : Math.round(at - start) / 1000);
  return input.result.faults.map((fault) => {
    const { group } = fault;
    const step = group?.how === 'together' ? group.name : fault.name;
    const watch = input.result.phases.find((phase) => phase.name === recoveryPhase(step));
    return {
      name: fault.name,
      status: fault.status,
      applied: offset(fault.appliedAt),
      injected: offset(fault.injectedAt),
      removed: offset(fault.removedAt),
      watched: offset(watch?.to ?? null),
    };
  });
}

/** Seconds without a point are null, so that missing data is a gap in the line. */
export function chartData(input: ReportInput): ChartData {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  // Not Math.min(...all): a call cannot take a night of seconds as arguments.
  for (const points of Object.values(input.series)) {
    for (const { second } of points) {
      first = Math.min(first, second);
      last = Math.max(last, second);
    }
  }
  const known = runStart(input);
  const start = Number.isNaN(known) ? first * 1000 : known;
  const windows = windowsOf(input, start);
  if (first > last) return { start, step: 1, x: [], flows: [], windows };
  const step = Math.ceil((last - first + 1) / POINTS_MAX);
  const count = Math.ceil((last - first + 1) / step);
  const flows = flowsOf(input).flatMap((name) => {
    const points = input.series[name] ?? [];
    if (points.length === 0) return [];
    const buckets: SeriesPoint[][] = Array.from({ length: count }, () => []);
    for (const point of points) buckets[Math.floor((point.second - first) / step)]?.push(point);
    return [valuesOf(buckets, name)];
  });
  const x = Array.from(
    { length: count },
    (_, index) => Math.round((first + index * step) * 1000 - start) / 1000,
  );
  return { start, step, x, flows, windows };
}
