/** What a run says of its paths: counts and times, and when each stage recovered from a fault. */
import { type PathResult, stageFlow } from '../../core/paths.ts';
import type { Plan } from '../../core/plan.ts';
import type { RunOfIds } from '../../core/records.ts';
import type { FaultRecord, Phase, Recovery } from '../../core/result.ts';
import type { LatencyHistogram } from '../../measure/latency-histogram.ts';
import type { PathRecords } from '../../measure/paths/path-records.ts';
import { pathResult } from '../../measure/paths/path-result.ts';
import {
  baselineOf,
  histogramOf,
  intervalCounts,
  PathSamples,
  slicesOf,
} from '../../measure/paths/path-samples.ts';
import { Samples } from '../../measure/paths/samples.ts';
import { walkPath } from '../../measure/paths/walk-path.ts';
import type { IntervalCounts } from '../../measure/phase-windows.ts';
import type { RecordMatcher } from '../../measure/records/match-records.ts';
import { estimateRecovery } from '../../measure/recovery.ts';

export interface JudgedPaths {
  readonly results: Readonly<Record<string, PathResult>>;
  /** Of a path or stage; undefined: it is neither. */
  counts(flow: string, phases: readonly Phase[]): IntervalCounts | undefined;
  histogram(flow: string, phases: readonly Phase[]): LatencyHistogram | undefined;
  /** As layers of a fault: `<path> failed`, `<path>/<stage> slow` and so on. */
  recoveries(record: FaultRecord, until: number, holdMs: number): Readonly<Record<string, Recovery>>;
}

export function judgedPaths(
  records: readonly PathRecords[],
  matcher: RecordMatcher | undefined,
  plan: Plan,
  phases: readonly Phase[],
): JudgedPaths {
  const run: RunOfIds = { run: plan.id, seed: plan.seed };
  const flows = plan.load.flatMap((one) => one.flows);
  const executors = Object.fromEntries(flows.map((one) => [one.flow, one.executor]));
  const open = matcher?.open ?? [];
  const samples = new Map<string, Samples>();
  const results: Record<string, PathResult> = {};
  for (const one of records) {
    const { name, stages } = one.plan;
    const kept = new PathSamples(stages.length, one.until ?? 0);
    const followed = kept.seen(walkPath(one, (flow) => matcher?.requestsOf(flow)));
    results[name] = pathResult(one, followed, { run, executors, phases, open });
    samples.set(name, kept.whole);
    for (const [index, stage] of stages.entries())
      samples.set(stageFlow(name, stage.name), kept.stages[index] ?? new Samples());
  }
  const baseline = phases.filter((one) => one.name === 'baseline');
  return {
    results,
    counts: (flow, own) => mapped(samples.get(flow), (found) => intervalCounts(found, own)),
    histogram: (flow, own) => mapped(samples.get(flow), (found) => histogramOf(found, own)),
    recoveries: (record, until, holdMs) =>
      Object.fromEntries(
        [...samples].flatMap(([flow, found]) =>
          levelsOf(found, baseline, { record, until, holdMs }).map(([level, recovery]) => [
            `${flow} ${level}`,
            recovery,
          ]),
        ),
      ),
  };
}

const mapped = <A, B>(value: A | undefined, make: (value: A) => B): B | undefined =>
  value === undefined ? undefined : make(value);

/** As of a flow of the load, by when each request was due at the stage. */
function levelsOf(
  samples: Samples,
  baseline: readonly Phase[],
  watch: { readonly record: FaultRecord; readonly until: number; readonly holdMs: number },
): readonly (readonly [string, Recovery])[] {
  const { appliedAt, removedAt } = watch.record;
  const usual = baselineOf(samples, baseline);
  if (appliedAt === null || usual === null) return [];
  // A stage that nothing came to says nothing.
  if (!samples.isAnyDue(appliedAt, watch.until)) return [];
  const level = (slowMs: number | null, baselineRatio: number): Recovery =>
    estimateRecovery({
      ...{ injectedAt: appliedAt, removedAt, until: watch.until, holdMs: watch.holdMs, baselineRatio },
      slices: slicesOf(samples, slowMs).filter((one) => one.at >= appliedAt - 100),
    }).recovery;
  const levels = [
    ['failed', level(null, usual.failedRatio)],
    ['slow', level(usual.slowMs, Math.max(usual.failedRatio, 0.01))],
  ] as const;
  // Without an onset it is not known that anything was wrong.
  return levels.filter(([, { status, onsetMs }]) => status !== 'censored' || onsetMs !== null);
}
