/**
 * Watches the instrument itself, once a second: CPU and memory of the harness and of k6, and steps of the
 * wall clock. k6 timestamps with the wall clock, so a step in the middle of a run makes its due times
 * doubtful, and the run reports it.
 */
import type { Clock } from '../../core/clock.ts';
import type { RunEventBody } from '../../core/events.ts';
import { ms } from '../../core/units.ts';
import { processStat } from '../../system/proc.ts';

const PERIOD = ms(1000);
/** NTP slews by at most 0.5 ms/s; a difference that grew by more than this in a second is a step. */
const STEP_MS = 20;
const MB = 1024 * 1024;

export interface SelfWatch {
  stop(): Promise<void>;
}

export function watchSelf(
  clock: Clock,
  k6Pids: () => readonly number[],
  report: (body: RunEventBody) => void,
): SelfWatch {
  const stopping = new AbortController();
  let before = clock.wall() - clock.now();
  let last = usage(k6Pids());
  let lastAt = clock.now();
  const loop = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(PERIOD, stopping.signal);
      const offset = clock.wall() - clock.now();
      if (Math.abs(offset - before) > STEP_MS)
        report({ kind: 'clock-step', byMs: Math.round(offset - before) });
      before = offset;
      const now = usage(k6Pids());
      report({
        kind: 'harness-usage',
        harnessCpuMs: now.harnessCpuMs - last.harnessCpuMs,
        // A k6 process that has just ended takes its CPU time with it: that second counts as 0, not as
        // negative.
        k6CpuMs: Math.max(0, now.k6CpuMs - last.k6CpuMs),
        harnessRssMb: now.harnessRssMb,
        k6RssMb: now.k6RssMb,
        spanMs: clock.now() - lastAt,
      });
      last = now;
      lastAt = clock.now();
    }
  };
  const done = loop().catch(() => undefined);
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

function usage(k6Pids: readonly number[]) {
  const own = process.cpuUsage();
  const k6 = k6Pids.flatMap((pid) => processStat(pid) ?? []);
  return {
    harnessCpuMs: (own.user + own.system) / 1000,
    harnessRssMb: process.memoryUsage.rss() / MB,
    k6CpuMs: k6.reduce((sum, one) => sum + one.cpuMs, 0),
    k6RssMb: k6.reduce((sum, one) => sum + one.rssBytes, 0) / MB,
  };
}
