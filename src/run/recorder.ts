/** Stamps events with the run's clock, appends them to `events.ndjson`, and hands them to whoever watches. */
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { RunEvent, RunEventBody } from '../core/events.ts';
import { openLineFile } from '../system/durable-file.ts';

export interface Recorder {
  report(body: RunEventBody): RunEvent;
  close(): void;
}

/** @param watch called after the event is in the file: what was shown was also written. */
export function openRecorder(runDir: string, clock: Clock, watch: (event: RunEvent) => void): Recorder {
  const file = openLineFile(join(runDir, 'events.ndjson'), { fsync: false });
  return {
    report(body) {
      const event: RunEvent = { ...body, at: clock.now(), wall: clock.wall() };
      file.append(JSON.stringify(event));
      watch(event);
      return event;
    },
    close: () => file.close(),
  };
}
