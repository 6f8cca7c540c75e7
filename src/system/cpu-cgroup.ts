/**
 * The CPU limit of one control group, of cgroup v1 and v2: where it is, what it is, and what the kernel
 * counts at it. Only these values are written, and only in a group whose name holds the given id.
 */
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CpuCounts, type CpuLimit, cpusIn } from '../core/acts/cpu-limit-acts.ts';
import { cgroupMounts, folderIn } from './cgroup-mounts.ts';
import { textIn } from './text-in.ts';

export interface CpuGroup {
  readonly version: 1 | 2;
  readonly folder: string;
  /** Of v1, where another controller counts it: the CPU time used so far, in ns. */
  readonly usage?: string;
}

/**
 * The outermost group of a process whose name holds the id of its container: a container may have groups of
 * its own inside. Undefined: not visible here.
 */
export function cpuGroupOf(pid: number, id: string, proc = '/proc'): CpuGroup | undefined {
  const own = textIn(join(proc, String(pid), 'cgroup'))?.split('\n') ?? [];
  const mounts = cgroupMounts(proc);
  const folderOf = (controller: string | null): string | undefined => {
    const line = own
      .map((each) => /^\d+:([^:]*):(.*)$/.exec(each))
      .find((found) => (controller === null ? found?.[1] === '' : isIn(controller, found?.[1])));
    const path = upTo(id, line?.[2] ?? '');
    const type = controller === null ? 'cgroup2' : 'cgroup';
    const mount = mounts.find(
      (one) => one.type === type && (controller === null || one.options.includes(controller)),
    );
    return path === undefined || mount === undefined ? undefined : folderIn(mount, path);
  };
  const first = folderOf('cpu');
  const used = folderOf('cpuacct');
  if (first !== undefined && used !== undefined)
    return { version: 1, folder: first, usage: join(used, 'cpuacct.usage') };
  const second = folderOf(null);
  return second === undefined ? undefined : { version: 2, folder: second };
}

const isIn = (controller: string, list = ''): boolean => list.split(',').includes(controller);

function upTo(id: string, path: string): string | undefined {
  const parts = path.split('/');
  const at = parts.findIndex((part) => part.includes(id));
  return at < 0 ? undefined : parts.slice(0, at + 1).join('/');
}

/** What prevents a limit there; null: nothing. */
export function whyNoLimitIn(group: CpuGroup): string | null {
  const files = group.version === 1 ? ['cpu.cfs_quota_us', 'cpu.cfs_period_us'] : ['cpu.max'];
  for (const file of files.map((name) => join(group.folder, name))) {
    try {
      accessSync(file, constants.R_OK | constants.W_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? `no ${file}` : `no right to write to ${file}`;
    }
  }
  return null;
}

/** @throws ENOENT or ENODEV when the group is gone. */
export function limitOf({ version, folder }: CpuGroup): CpuLimit {
  const [quota = '', period = ''] =
    version === 1
      ? [read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us'))]
      : read(join(folder, 'cpu.max')).split(' ');
  const quotaUs = quota === 'max' || Number(quota) < 0 ? null : Number(quota);
  return { quotaUs, periodUs: Number(period) };
}

/** On v1 in an order in which no mixture of old and new is above both. @throws with the kernel's message. */
export function setLimit({ version, folder }: CpuGroup, from: CpuLimit, to: CpuLimit): void {
  if (version === 2) {
    writeFileSync(join(folder, 'cpu.max'), `${to.quotaUs ?? 'max'} ${to.periodUs}`);
    return;
  }
  const quota = (): void => writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(to.quotaUs ?? -1));
  const period = (): void => writeFileSync(join(folder, 'cpu.cfs_period_us'), String(to.periodUs));
  for (const step of cpusIn(to) < cpusIn(from) ? [quota, period] : [period, quota]) step();
}

/** @throws ENOENT or ENODEV when the group is gone. */
export function countsOf({ folder, usage }: CpuGroup): CpuCounts {
  const stat = read(join(folder, 'cpu.stat'));
  const of = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  const heldPeriods = of('nr_throttled');
  if (usage === undefined)
    return { cpuMs: of('usage_usec') / 1e3, heldMs: of('throttled_usec') / 1e3, heldPeriods };
  return { cpuMs: Number(read(usage)) / 1e6, heldMs: of('throttled_time') / 1e6, heldPeriods };
}

const read = (path: string): string => readFileSync(path, 'utf8').trim();
