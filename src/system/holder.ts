/**
 * The owner of a lock, a journal or a sandbox, recorded so that every user of the folder can check whether
 * that process is alive. A pid is meaningful in one pid namespace of one boot of one kernel. A holder from
 * anywhere else is `unseen`, never dead: a container, a second machine or a test in `unshare -p` must not
 * sweep what another one is using.
 */
import { readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { processStat } from './proc.ts';

/** Where a pid and a start time are meaningful. Empty = could not be read: equal to no other place. */
export interface HolderPlace {
  /** /proc/sys/kernel/random/boot_id: one boot of one kernel. */
  readonly boot: string;
  /** `pid:[4026531836]` (/proc/self/ns/pid). */
  readonly pidNamespace: string;
  /**
   * `time:[4026531834]`: start times are shifted by its offset; empty on kernels without time namespaces
   * (before 5.6).
   */
  readonly timeNamespace: string;
  /**
   * /etc/machine-id: the same after a reboot, and in all containers of one image, so by itself it proves
   * nothing.
   */
  readonly machine: string;
  /** For people only: many machines are called localhost. */
  readonly host: string;
}

export interface Holder extends HolderPlace {
  readonly pid: number;
  /** Start time in clock ticks since boot (/proc/PID/stat field 22). */
  readonly startTicks: string;
  /** ISO 8601, by that machine's clock. */
  readonly since: string;
}

/** `unseen`: alive or not cannot be determined from here. */
export type Fate = 'alive' | 'dead' | 'unseen';

export function thisPlace(): HolderPlace {
  return {
    boot: textOf('/proc/sys/kernel/random/boot_id'),
    pidNamespace: linkOf('/proc/self/ns/pid'),
    timeNamespace: linkOf('/proc/self/ns/time'),
    machine: textOf('/etc/machine-id'),
    host: hostname(),
  };
}

/**
 * This process. Its start time is read through `self`: in a new pid namespace /proc may still belong to the
 * old one.
 */
export const thisHolder = (): Holder => ({
  pid: process.pid,
  startTicks: processStat('self')?.startTicks ?? '0',
  ...thisPlace(),
  since: new Date().toISOString(),
});

export interface HostView {
  readonly place: HolderPlace;
  /**
   * Wall clock of the start of this boot, in ms since 1970 (btime of /proc/stat); undefined = cannot be read.
   */
  readonly bootedAtMs: number | undefined;
  /** A process of this pid namespace. */
  process(pid: number, startTicks: string): Fate;
  /** Whether only a single kernel can have mounted the file system of this path. */
  isLocal(path: string): boolean;
}

/**
 * @param file where the holder was read from.
 * @param holder as read from a file that anyone may have written: it may be malformed.
 */
export function fateOf(holder: unknown, file: string, view: HostView = thisHost()): Fate {
  if (!isHolder(holder)) return 'unseen';
  const here = view.place;
  if (holder.boot !== here.boot) return diedWithItsBoot(holder, file, view) ? 'dead' : 'unseen';
  return isHere(holder, here) ? view.process(holder.pid, holder.startTicks) : 'unseen';
}

/**
 * After a reboot no process of the previous boot is alive. Proven only when all of it fits: the same machine,
 * a file system that no other kernel can write to (not NFS, not a folder shared with a VM), and a boot that
 * began after the holder did.
 */
function diedWithItsBoot(holder: Holder, file: string, { place, bootedAtMs, isLocal }: HostView): boolean {
  if (holder.boot === '' || place.boot === '') return false;
  if (place.machine === '' || holder.machine !== place.machine) return false;
  return bootedAtMs !== undefined && Date.parse(holder.since) < bootedAtMs && isLocal(file);
}

/** Whether a pid of this holder means the same process here. */
export const isHere = (holder: unknown, place: HolderPlace = thisPlace()): boolean =>
  isHolder(holder) &&
  place.boot !== '' &&
  place.pidNamespace !== '' &&
  holder.boot === place.boot &&
  holder.pidNamespace === place.pidNamespace &&
  holder.timeNamespace === place.timeNamespace;

/** `pid 4711 on host box (another pid namespace, pid:[4026532189]), since 2026-11-29T12:00:00.000Z`. */
export function sayHolder(holder: unknown, place: HolderPlace = thisPlace()): string {
  if (!isHolder(holder))
    return 'a holder that did not record where it runs (an earlier version, or a damaged file)';
  const where =
    holder.boot !== place.boot
      ? ` (another machine or boot, ${holder.boot || 'unknown'})`
      : holder.pidNamespace !== place.pidNamespace
        ? ` (another pid namespace, ${holder.pidNamespace})`
        : holder.timeNamespace !== place.timeNamespace
          ? ` (another time namespace, ${holder.timeNamespace})`
          : '';
  return `pid ${holder.pid} on host ${shortText(holder.host)}${where}, since ${shortText(holder.since)}`;
}

/** The fix for a holder that cannot be observed from here. */
export const FREE_UNSEEN = 'If it no longer exists: gauntlet recover --force-holder';

const TEXTS = ['startTicks', 'boot', 'pidNamespace', 'timeNamespace', 'machine', 'host', 'since'] as const;

export function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const one = value as Readonly<Record<string, unknown>>;
  // Signals to pid 0 and below go to whole groups of processes.
  if (!Number.isSafeInteger(one['pid']) || Number(one['pid']) < 1) return false;
  return TEXTS.every((key) => typeof one[key] === 'string');
}

/**
 * At most 200 characters without control characters: the text is from a file that others may write to, and
 * goes to a terminal.
 */
export const shortText = (text: string): string => text.replaceAll(/\p{C}/gu, '?').slice(0, 200);

/**
 * `statfs` types of file systems on a disk or in the memory of this kernel (linux/magic.h, and of ZFS and
 * bcachefs).
 */
const LOCAL_TYPES: readonly number[] = [
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // btrfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
];

const thisHost = (): HostView => ({
  place: thisPlace(),
  bootedAtMs: bootTime(),
  process: processFate,
  isLocal: (path) => {
    try {
      return LOCAL_TYPES.includes(statfsSync(dirname(path)).type);
    } catch {
      return false;
    }
  },
});

/**
 * Asks the kernel first: it knows the pids of this namespace even where /proc belongs to another one or hides
 * the processes of other users.
 */
function processFate(pid: number, startTicks: string): Fate {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  // /proc of another namespace: the same number there is another process.
  if (linkOf('/proc/self') !== String(process.pid)) return 'unseen';
  const text = textOf(`/proc/${pid}/stat`);
  if (text === '') return 'unseen';
  return processStat(pid)?.startTicks === startTicks ? 'alive' : 'dead';
}

function bootTime(): number | undefined {
  const seconds = /^btime (\d+)$/m.exec(textOf('/proc/stat'))?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
