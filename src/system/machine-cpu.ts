/** How busy all CPUs of this machine are, with any process: the first line of /proc/stat. */
import { readFileSync } from 'node:fs';

export interface CpuReading {
  readonly busyTicks: number;
  readonly allTicks: number;
}

/**
 * Fields of `cpu` (proc_stat(5)): user nice system idle iowait irq softirq steal; guest times are part of
 * user.
 */
export function parseCpu(stat: string): CpuReading {
  const ticks = (stat.split('\n')[0] ?? '').trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, one) => sum + one, 0);
  return { busyTicks: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), allTicks: all };
}

export const readCpu = (): CpuReading => parseCpu(readFileSync('/proc/stat', 'utf8'));

/** From 0 to 1; 0 when no tick has passed. */
export const busyRatio = (from: CpuReading, to: CpuReading): number =>
  to.allTicks === from.allTicks ? 0 : (to.busyTicks - from.busyTicks) / (to.allTicks - from.allTicks);
