/**
 * Cuts a run into phases at the measured instants. A fault's phase begins with its act, not with its proof:
 * the state between the two is uncertain, and uncertain data must not improve the baseline.
 */
import { eventsOf, type RunEvent } from '../../core/events.ts';
import { faultPhase, type Grouped, recoveryPhase, stepsOf } from '../../core/fault-steps.ts';
import type { Phase } from '../../core/result.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';

/**
 * The phases in order. Marks come from `phase` events (warmup, baseline, steady, drain); faults from their
 * records, or, when the run died before a record was written, from the last event about them. Arrivals after
 * the `drain` mark belong to no phase: the generator is being stopped. Neither do those between two members
 * of a `then` group: no fault is in place, and no recovery is watched. @param planned which faults were
 * grouped.
 */
export function phasesOf(
  events: readonly RunEvent[],
  planned: readonly (Grouped & { readonly name: string })[] = [],
): readonly Phase[] {
  const marks = [...markedPhases(events), ...faultMarks(events, planned)].sort((a, b) => a.at - b.at);
  const end = events.at(-1)?.at;
  if (end === undefined) return [];
  const phases: Phase[] = [];
  for (const [index, mark] of marks.entries()) {
    const to = marks[index + 1]?.at ?? end;
    if (mark.name !== null && to > mark.at) phases.push({ name: mark.name, from: mark.at, to });
  }
  return phases;
}

/** From here on the run is in this phase; null: in none. */
interface Mark {
  readonly name: string | null;
  readonly at: EpochMs;
}

const markedPhases = (events: readonly RunEvent[]): Mark[] =>
  eventsOf(events, 'phase').map(({ name, at, from }) => ({
    name: name === 'drain' ? null : name,
    at: from === undefined ? at : epochMs(from),
  }));

interface FaultSpan extends Grouped {
  readonly name: string;
  readonly from: EpochMs;
  /** Null: not proven gone. */
  readonly to: EpochMs | null;
}

function faultMarks(
  events: readonly RunEvent[],
  planned: readonly (Grouped & { readonly name: string })[],
): Mark[] {
  const records = new Map(eventsOf(events, 'fault-done').map((event) => [event.record.name, event.record]));
  const spans = eventsOf(events, 'fault-applied').map((applied): FaultSpan => {
    const name = applied.fault;
    const record = records.get(name);
    const group = planned.find((one) => one.name === name)?.group;
    const to = record?.removedAt ?? removalOf(events, name);
    return {
      name,
      from: epochMs(record?.appliedAt ?? applied.at),
      to: to === null ? null : epochMs(to),
      ...(group && { group }),
    };
  });
  return stepsOf(spans).flatMap(({ group, members }) =>
    group?.how === 'together' ? marksTogether(group.name, members) : marksThen(members),
  );
}

/** From the first act to the last removal. */
function marksTogether(name: string, members: readonly FaultSpan[]): Mark[] {
  const from = epochMs(Math.min(...members.map((one) => one.from)));
  const ends = members.flatMap((one) => one.to ?? []);
  const over = { name: recoveryPhase(name), at: epochMs(Math.max(...ends)) };
  return [{ name: faultPhase(name), at: from }, ...(ends.length === members.length ? [over] : [])];
}

function marksThen(members: readonly FaultSpan[]): Mark[] {
  return members.flatMap(({ name, from, to }, index) => {
    const isLast = index === members.length - 1;
    const over = to === null ? [] : [{ name: isLast ? recoveryPhase(name) : null, at: to }];
    return [{ name: faultPhase(name), at: from }, ...over];
  });
}

function removalOf(events: readonly RunEvent[], fault: string): number | null {
  return eventsOf(events, 'fault-removed').find((event) => event.fault === fault)?.at ?? null;
}
