/** An event with its line in `events.ndjson`. */
import type { RunEvent } from '../../core/events.ts';
import type { Numbered } from './read-records.ts';

export type NumberedEvent = Numbered<RunEvent>;

/** Whether the run wrote its last event: it has then closed all of its files. */
export const isClosed = (events: readonly NumberedEvent[]): boolean =>
  events.some(({ value }) => value.kind === 'closed');
