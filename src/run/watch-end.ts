/**
 * Up to which instants the watch after a fault is judged: those that the run wrote down when it had settled, so that a report says
 * what was said live. What comes later has another cause, the planning of the next fault among them.
 */
import type { RunEvent, WatchUntil } from '../core/events.ts';
import type { Phase } from '../core/phase.ts';
import type { FaultRecord } from '../core/result.ts';
import { eventsOf } from './events-of.ts';

export interface WatchedRun {
  readonly flows: readonly string[];
  readonly events: readonly RunEvent[];
  /** Of all faults of the run. */
  readonly records: readonly FaultRecord[];
  readonly phases: readonly Phase[];
}

export function watchEnd(record: FaultRecord, run: WatchedRun): WatchUntil {
  const watched = eventsOf(run.events, 'recovery-watched').filter(({ notBack }) => record.name in notBack);
  const told = watched.at(-1)?.until;
  if (told !== undefined) return told;
  const end = endOfStretch(record, run);
  return { flows: Object.fromEntries(run.flows.map((flow) => [flow, end])), probes: end };
}

/**
 * For runs that did not say it: folders of older versions, and those that ended before the watch began. Up to where the next step
 * is planned (a group is watched as a whole, after its last fault), or where the load is stopped. Not where the next one is applied:
 * an arrival that was due just before that is answered during it.
 */
function endOfStretch(record: FaultRecord, { records, phases, events }: WatchedRun): number {
  const begin = record.appliedAt ?? record.plannedAt ?? 0;
  const others = records.filter((one) => one.group === undefined || one.group.name !== record.group?.name);
  const next = others.map((one) => one.plannedAt).find((at) => at !== null && at > begin);
  return next ?? phases.at(-1)?.to ?? events.at(-1)?.at ?? begin;
}
