/** What the scheduler counts for the victims of a stress, and whether one CPU can be shared here at all. */
import type { CpuUse, StressMeans } from '../../core/acts/stress-acts.ts';
import type { ProcessVictim } from '../../core/topology.ts';
import { cpusOf, tasksetVersion } from './cpu-affinity.ts';
import { CpuMeter, cpuTimes } from './cpu-times.ts';
import { isThere } from './own-processes.ts';

export async function affinityMeans(): Promise<StressMeans> {
  const tool = await tasksetVersion();
  if (tool === undefined) return { kind: 'none', why: 'no taskset (util-linux) on the PATH' };
  // This process has run for long: zero means a kernel without CONFIG_SCHED_INFO.
  if ((cpuTimes(process.pid)?.cpuMs ?? 0) === 0) {
    return { kind: 'none', why: 'a kernel that does not count run delay (/proc/PID/schedstat)' };
  }
  return { kind: 'affinity', tool };
}

export class CpuReadings {
  /** CPU times of the most recently requested victims, by pid and start time. */
  #meters = new Map<string, CpuMeter>();

  /** Of those that still run. */
  of(victims: readonly ProcessVictim[]): readonly CpuUse[] {
    const keyOf = ({ pid, startTicks }: ProcessVictim): string => `${pid} ${startTicks}`;
    const living = victims.filter(isThere);
    this.#meters = new Map(
      living.map((one) => [keyOf(one), this.#meters.get(keyOf(one)) ?? new CpuMeter(one.pid)]),
    );
    return living.flatMap((one) => {
      const [times, cpus] = [this.#meters.get(keyOf(one))?.read(), cpusOf(one.pid)];
      return times === undefined || cpus === undefined ? [] : [{ ...one, ...times, cpus }];
    });
  }
}
