/** Stamps events with the run's clock, appends them to `events.ndjson`, and passes them to the observers. */
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { RunEvent, RunEventBody } from '../../core/events.ts';
import { redactAll } from '../../core/secrets.ts';
import { openLineFile } from '../../system/durable-file.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';

export interface Recorder {
  report(body: RunEventBody): RunEvent;
  close(): void;
}

/**
 * @param watch called after the event is in the file: whatever was shown was also written.
 * @param onBroken called when a line cannot be written. Later events are only shown: a run that ends because
 * of a full disk must still report its undos.
 */
export function openRecorder(
  runDir: string,
  clock: Clock,
  watch: (event: RunEvent) => void,
  onBroken: (error: unknown) => void,
): Recorder {
  const append = openGuardedFile(join(runDir, RUN_FILES.events), onBroken);
  return {
    report(body) {
      const event: RunEvent = { ...redactAll(body), at: clock.now(), wall: clock.wall() };
      append.record(event);
      watch(event);
      return event;
    },
    close: () => append.close(),
  };
}

export interface GuardedFile {
  /** As JSON on a separate line, without secrets. */
  record(value: object): void;
  close(): void;
}

/**
 * A file of lines that is abandoned at the first failure: a partial line in the middle would be worse than an
 * early end.
 */
export function openGuardedFile(path: string, onBroken: (error: unknown) => void): GuardedFile {
  const file = openLineFile(path, { fsync: false });
  let broken = false;
  return {
    record(value) {
      if (broken) return;
      try {
        file.append(JSON.stringify(redactAll(value)));
      } catch (error) {
        broken = true;
        onBroken(error);
      }
    },
    close: () => file.close(),
  };
}
