/**
 * Cuts a run into phases at the instants that were measured. A fault's phase begins with its act, not with its
 * proof: between the two nothing is certain, and what is not certain must not make the baseline look better.
 */
import type { RunEvent } from '../core/events.ts';
import type { Phase } from '../core/phase.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import { eventsOf } from './events-of.ts';

/**
 * The phases in order. Marks come from `phase` events (warmup, baseline, steady, drain); faults from their records,
 * or, when the run died before a record was written, from the last thing that was reported of them.
 * Arrivals after the `drain` mark belong to no phase: the generator is being stopped.
 */
export function phasesOf(events: readonly RunEvent[]): readonly Phase[] {
  const marks = cuts(events);
  const end = events.at(-1)?.at;
  if (end === undefined) return [];
  const phases: Phase[] = [];
  for (const [index, mark] of marks.entries()) {
    const to = marks[index + 1]?.at ?? end;
    if (mark.name !== 'drain' && to > mark.at) phases.push({ name: mark.name, from: mark.at, to });
  }
  return phases;
}

interface Mark {
  readonly name: string;
  readonly at: EpochMs;
}

function cuts(events: readonly RunEvent[]): Mark[] {
  const marks: Mark[] = eventsOf(events, 'phase').map((event) => ({ name: event.name, at: event.at }));
  const records = new Map(eventsOf(events, 'fault-done').map((event) => [event.record.name, event.record]));
  for (const applied of eventsOf(events, 'fault-applied')) {
    const record = records.get(applied.fault);
    marks.push({ name: `fault:${applied.fault}`, at: epochMs(record?.appliedAt ?? applied.at) });
    const removed = record?.removedAt ?? removalOf(events, applied.fault);
    if (removed !== null) marks.push({ name: `recovery:${applied.fault}`, at: epochMs(removed) });
  }
  return marks.sort((a, b) => a.at - b.at);
}

function removalOf(events: readonly RunEvent[], fault: string): number | null {
  return eventsOf(events, 'fault-removed').find((event) => event.fault === fault)?.at ?? null;
}
