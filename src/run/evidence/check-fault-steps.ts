/**
 * The steps of each fault: planned, applied, injected or not, undoing, removed or residue, done. Each occurs
 * at most once and in this order, and the final record agrees with the earlier steps.
 */
import type { RunEvent } from '../../core/events.ts';
import type { Flaw } from '../../core/flaw.ts';
import type { Plan } from '../../core/plan.ts';
import type { FaultRecord } from '../../core/result.ts';
import type { NumberedEvent } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

const file = RUN_FILES.events;

/**
 * The position of a step; of two with the same position only one occurs. `recovered` may come at any time
 * after the act.
 */
const PLACES: Readonly<Partial<Record<RunEvent['kind'], number>>> = {
  'fault-planned': 0,
  'fault-applied': 1,
  'fault-injected': 2,
  'fault-not-injected': 2,
  'fault-undoing': 3,
  'fault-removed': 4,
  'fault-residue': 4,
  'fault-done': 5,
};
const [APPLIED, INJECTED, UNDOING, REMOVED, DONE] = [1, 2, 3, 4, 5];

/** Timestamps of another clock (an API server, in whole seconds) may differ from ours by this much. */
const STAMP_MS = 2000;

interface Steps {
  readonly byPlace: Map<number, NumberedEvent>;
  record: FaultRecord | undefined;
}

export function checkFaultSteps(
  events: readonly NumberedEvent[],
  plan: Plan | undefined,
  closed: boolean,
): Flaw[] {
  const flaws: Flaw[] = [];
  const faults = new Map<string, Steps>();
  const stepsOf = (name: string): Steps => {
    const found = faults.get(name) ?? { byPlace: new Map(), record: undefined };
    faults.set(name, found);
    return found;
  };
  for (const event of events) {
    const { value, line } = event;
    const name = faultOf(value);
    if (name === null) continue;
    if (plan !== undefined && !plan.faults.some((one) => one.name === name)) {
      flaws.push({
        file,
        line,
        text: `${value.kind} of ${name}, which is not in the plan`,
        against: RUN_FILES.plan,
      });
      continue;
    }
    const { byPlace } = stepsOf(name);
    if (value.kind === 'recovered' || value.kind === 'relapsed') {
      if (!byPlace.has(APPLIED))
        flaws.push({ file, line, text: `${name}: ${value.kind} before it was applied` });
      continue;
    }
    const place = PLACES[value.kind] ?? 0;
    if (byPlace.has(place)) flaws.push({ file, line, text: `${name}: a second ${value.kind}` });
    else if (Math.max(-1, ...byPlace.keys()) > place)
      flaws.push({ file, line, text: `${name}: ${value.kind} comes too late` });
    byPlace.set(place, event);
    if (value.kind === 'fault-done') stepsOf(name).record = value.record;
  }
  for (const [name, steps] of faults) flaws.push(...checkFault(name, steps, closed));
  return flaws;
}

function faultOf(event: RunEvent): string | null {
  if ('fault' in event) return event.fault;
  return event.kind === 'fault-done' ? event.record.name : null;
}

/** A later step requires the earlier ones; in a run that was killed the last ones may be missing. */
function checkFault(name: string, { byPlace, record }: Steps, closed: boolean): Flaw[] {
  const last = Math.max(...byPlace.keys());
  const wasApplied = byPlace.has(APPLIED) || byPlace.has(UNDOING) || byPlace.has(REMOVED);
  const needed = wasApplied
    ? [APPLIED, INJECTED, UNDOING, REMOVED].filter((place) => place < last || closed)
    : [];
  // An abort during the proof leaves this step out; the record then says that it was not proven.
  const missing = needed.filter(
    (place) => !byPlace.has(place) && (place !== INJECTED || record?.injectedAt != null),
  );
  const line = byPlace.get(last)?.line;
  const flaws = missing.map(
    (place): Flaw => ({ file, ...(line && { line }), text: `${name}: ${WORDS[place]} is missing` }),
  );
  return record === undefined ? flaws : [...flaws, ...checkRecord(name, record, byPlace)];
}

const WORDS: Readonly<Record<number, string>> = {
  [APPLIED]: 'fault-applied',
  [INJECTED]: 'fault-injected',
  [UNDOING]: 'fault-undoing',
  [REMOVED]: 'fault-removed',
};

function checkRecord(name: string, record: FaultRecord, byPlace: ReadonlyMap<number, NumberedEvent>): Flaw[] {
  const line = byPlace.get(DONE)?.line ?? 0;
  const said = (place: number): RunEvent | undefined => byPlace.get(place)?.value;
  const wrong = (text: string): Flaw => ({ file, line, text: `${name}: its record ${text}` });
  const { appliedAt, injectedAt, removedAt, status } = record;
  const wasSeen = said(INJECTED)?.kind === 'fault-injected';
  const times = [appliedAt, injectedAt, removedAt].filter((at) => at !== null);
  const stamp = byPlace.get(DONE)?.value.at ?? Number.POSITIVE_INFINITY;
  return [
    ...((injectedAt !== null) === wasSeen
      ? []
      : [wrong('and the timeline disagree whether it was injected')]),
    ...((appliedAt !== null) === byPlace.has(APPLIED)
      ? []
      : [wrong('and the timeline disagree whether it was applied')]),
    ...((status === 'residue') === (said(REMOVED)?.kind === 'fault-residue')
      ? []
      : [wrong('and the timeline disagree whether it was removed')]),
    ...((status === 'injected') === (wasSeen && removedAt !== null)
      ? []
      : [wrong(`has status ${status}, which its times contradict`)]),
    ...(times.every((at) => at <= stamp + STAMP_MS && at >= (appliedAt ?? at) - STAMP_MS)
      ? []
      : [wrong('has times out of order')]),
  ];
}
