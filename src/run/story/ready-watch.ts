/**
 * Watches the ready instances of every service that an objective names, and writes each change as an event.
 */
import type { Platform } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { RunEventBody } from '../../core/events.ts';
import type { Objective } from '../../core/objective.ts';

export interface ReadyWatchOptions {
  readonly platform: Pick<Platform, 'handle' | 'ready'>;
  readonly objectives: readonly Objective[];
  readonly clock: Clock;
  report(body: RunEventBody): void;
}

/**
 * A service that cannot be watched is reported, and its objective has no data: the run goes on.
 * @returns a function that ends the watches.
 */
export async function watchReadyInstances(options: ReadyWatchOptions): Promise<() => Promise<void>> {
  const { objectives, clock, report } = options;
  const services = new Set(objectives.flatMap((one) => (one.indicator.kind === 'ready' ? one.flow : [])));
  const unwatched = (service: string, why: string): void =>
    report({ kind: 'instances-unwatched', service, from: clock.now(), to: null, why });
  const started = await Promise.all(
    [...services].map(async (service) => {
      try {
        return { service, end: await start(service, options) };
      } catch (error) {
        unwatched(service, messageOf(error));
        return undefined;
      }
    }),
  );
  return async () => {
    for (const one of started) {
      if (one === undefined) continue;
      try {
        report({ kind: 'instances-watched', service: one.service, until: await one.end() });
      } catch (error) {
        report({ kind: 'step', text: `instances of ${one.service}: ${messageOf(error)}` });
      }
    }
  };
}

async function start(service: string, { platform, report }: ReadyWatchOptions) {
  const { ready, handle } = platform;
  if (ready === undefined) throw new Error(`platform ${handle.platform} does not report instances`);
  return await ready.watch(service, {
    ready: (count, at) => report({ kind: 'instances-ready', service, ready: count, since: at }),
    unwatched: (from, to, why) => report({ kind: 'instances-unwatched', service, from, to, why }),
  });
}
