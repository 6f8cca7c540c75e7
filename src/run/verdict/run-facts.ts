/** Facts of the run itself, from its events alone: how fast it was aborted, and what the instrument cost. */
import { eventsOf, type RunEvent } from '../../core/events.ts';
import type { AbortFacts, Result } from '../../core/result.ts';

/** Null: the run was not aborted. */
export function abortFacts(events: readonly RunEvent[]): AbortFacts | null {
  const [abort] = eventsOf(events, 'abort');
  if (abort === undefined) return null;
  const metAt = eventsOf(events, 'abort-condition-met')[0]?.metAt ?? null;
  return {
    why: abort.why,
    metAt,
    detectedAfterMs: metAt === null ? null : Math.max(0, abort.at - metAt),
    undoneAfterMs: undoneAfter(events, abort.at),
  };
}

function undoneAfter(events: readonly RunEvent[], abortedAt: number): number | null {
  const removals = eventsOf(events, 'fault-removed');
  const goneAt = eventsOf(events, 'fault-applied').map(
    ({ fault }) => removals.find((one) => one.fault === fault)?.at ?? Number.POSITIVE_INFINITY,
  );
  // An act in progress when the run was aborted counts too, whenever it was reported.
  const last = Math.max(...goneAt.filter((at) => at > abortedAt));
  return Number.isFinite(last) ? last - abortedAt : null;
}

export function harnessUsage(events: readonly RunEvent[]): Result['harness'] {
  const seen = eventsOf(events, 'harness-usage');
  if (seen.length === 0) return null;
  const sum = (pick: (one: (typeof seen)[number]) => number): number =>
    seen.reduce((total, one) => total + pick(one), 0);
  const spanMs = sum((one) => one.spanMs);
  return {
    cpuRatio: sum((one) => one.harnessCpuMs) / spanMs,
    k6CpuRatio: sum((one) => one.k6CpuMs) / spanMs,
    rssMb: Math.max(...seen.map((one) => one.harnessRssMb)),
    k6RssMb: Math.max(...seen.map((one) => one.k6RssMb)),
  };
}
