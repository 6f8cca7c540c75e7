/** The events of a run without faults whose times are of another one. */
import type { RunEvent } from '../../core/events.ts';

const DAY_MS = 86_400_000;

/**
 * An altered time of a fault would ask for more seconds and slices than memory holds. That the file was
 * altered is said by its digest; a fault without its record is never a pass.
 */
export function eventsOfRun(events: readonly RunEvent[]): readonly RunEvent[] {
  const [from, to] = [(events[0]?.at ?? 0) - DAY_MS, (events.at(-1)?.at ?? 0) + DAY_MS];
  return events.filter(
    (event) =>
      event.kind !== 'fault-done' ||
      Object.entries(event.record).every(
        ([key, value]) => !key.endsWith('At') || typeof value !== 'number' || (value >= from && value <= to),
      ),
  );
}
