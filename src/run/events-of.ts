/** The events of one kind, typed as that kind. */
import type { RunEvent } from '../core/events.ts';

export type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { kind: Kind }>;

export const eventsOf = <Kind extends RunEvent['kind']>(
  events: readonly RunEvent[],
  kind: Kind,
): readonly EventOf<Kind>[] => events.filter((event): event is EventOf<Kind> => event.kind === kind);
