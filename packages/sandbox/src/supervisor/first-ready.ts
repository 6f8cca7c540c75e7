/**
 * Waits until instances are ready for the first time, and reports the reason when they do not become ready.
 */
import { GauntletError, type Problem } from '../../../../src/core/errors.ts';
import { lastLines } from '../log-tail.ts';
import type { Instance } from './instance.ts';

/** Enough for a machine that is five times slower than ours (2 busy cores: everything within 8 s). */
export const START_TIMEOUT_MS = 60_000;
/** One restart covers an accident; a second death is a defect. */
export const DEATHS_ALLOWED = 1;
const LOG_LINES = 8;

/**
 * @param changes calls back after every change of an instance, and returns a function that unsubscribes.
 * @throws unavailable, with one problem per instance that did not become ready, and the end of its log.
 */
export function firstReady(
  instances: readonly Instance[],
  changes: (listener: () => void) => () => void,
  stopped: AbortSignal,
  timeoutMs: number = START_TIMEOUT_MS,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      stopListening();
      stopped.removeEventListener('abort', abort);
      settle();
    };
    const fail = (which: readonly Instance[], why: (one: Instance) => string): void =>
      finish(() =>
        reject(
          new GauntletError(
            'unavailable',
            which.map((one) => problem(one, why(one))),
          ),
        ),
      );
    const abort = (): void => finish(() => reject(stopped.reason));
    const look = (): void => {
      const dying = instances.filter((one) => !one.ready && one.ends.length > DEATHS_ALLOWED);
      if (dying.length > 0) fail(dying, (one) => `${one.ends.length} ends (${one.ends.join(', ')})`);
      else if (instances.every((one) => one.ready)) finish(resolve);
    };
    const late = (): void =>
      fail(
        instances.filter((one) => !one.ready),
        () => `no readiness in ${timeoutMs / 1000} s`,
      );
    const timer = setTimeout(late, timeoutMs);
    const stopListening = changes(look);
    stopped.addEventListener('abort', abort);
    if (stopped.aborted) abort();
    else look();
  });
}

function problem(instance: Instance, got: string): Problem {
  const lines = lastLines(instance.spec.log, LOG_LINES);
  const said = lines.length === 0 ? 'Its log is empty.' : `Its log ends:\n  ${lines.join('\n  ')}`;
  return { subject: instance.spec.instance, expected: 'to start', got, next: said };
}
