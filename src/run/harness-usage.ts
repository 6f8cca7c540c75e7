/** What the instrument itself cost, from the run's events: CPU as a share of one core, memory at its highest. */
import type { RunEvent } from '../core/events.ts';
import type { Result } from '../core/result.ts';
import { eventsOf } from './events-of.ts';

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
