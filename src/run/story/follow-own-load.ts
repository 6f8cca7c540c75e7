/**
 * A run that lasts as long as its load: foreign scripts with schedules of their own, without faults. The
 * clock starts at the first arrival, after `setup`, and the baseline ends when every k6 has ended.
 */
import { epochMs, ms } from '../../core/units.ts';
import type { OpenRun } from './open-run.ts';

/** Samples of other VUs that started at the same time come with the next flush of k6, every 200 ms. */
const FLUSH_MS = ms(500);
const EARLY_MS = 20;
const LATE_MS = 100;
/** Beyond the script's own longest time: `teardown`, and the last samples. */
const SLACK_MS = 120_000;

export async function followOwnLoad(run: OpenRun): Promise<void> {
  const { clock, stopped, plan } = run;
  await clock.sleep(FLUSH_MS, stopped);
  // Until a schedule is fitted its first arrival may seem late: it was due a little earlier.
  const first = (run.load.scheduleStart() ?? clock.now()) - LATE_MS;
  // Phases are whole seconds: the second of the first arrival belongs to the first one.
  let from = Math.floor(first / 1000) * 1000;
  if (plan.warmupMs > 0) {
    run.report({ kind: 'phase', name: 'warmup', from });
    from = Math.ceil((first + plan.warmupMs) / 1000) * 1000;
    await clock.sleep(ms(Math.max(0, from - clock.now())), stopped);
  }
  run.report({ kind: 'phase', name: 'baseline', from: epochMs(Math.min(from, clock.now())) });
  const waiting = new AbortController();
  const bound = clock.sleep(ms(plan.baselineMs + SLACK_MS), AbortSignal.any([stopped, waiting.signal]));
  const late = bound.then(() => run.fail('a foreign script did not end by its own schedule'));
  try {
    await Promise.race([run.load.finished, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
  }
  stopped.throwIfAborted();
  // The second of the last arrival belongs to it too. A timer may fire a little early.
  await clock.sleep(ms(1000 - (clock.now() % 1000) + EARLY_MS), stopped);
}
