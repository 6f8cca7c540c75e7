/** How fast a run that was aborted noticed, and how fast its faults were gone: from its events alone. */
import type { RunEvent } from '../core/events.ts';
import type { AbortFacts } from '../core/result.ts';
import { eventsOf } from './events-of.ts';

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
  // An act that was under way when the run was aborted counts too, whenever it was told.
  const last = Math.max(...goneAt.filter((at) => at > abortedAt));
  return Number.isFinite(last) ? last - abortedAt : null;
}
