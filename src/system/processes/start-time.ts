/** When a process started, on the wall clock. */
import { readFileSync } from 'node:fs';
import { type EpochMs, epochMs } from '../../core/units.ts';

/** USER_HZ is 100 on Linux. */
const MS_PER_TICK = 10;

/**
 * From field 22 of /proc/PID/stat, which counts from the boot. Within about 20 ms: one tick, and the time
 * between the two readings.
 */
export const startedAt = (startTicks: string): EpochMs =>
  epochMs(Date.now() - uptimeMs() + Number(startTicks) * MS_PER_TICK);

const uptimeMs = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
