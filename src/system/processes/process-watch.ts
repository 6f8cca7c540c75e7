/**
 * The processes of one service, looked for many times a second. To ask every process of a machine costs some
 * ms, so that is done seldom, and at every look while an instance is missing. Between, every look asks
 * whether the known ones still run, and every fourth one whether a new process has the service's command.
 */
import { readFileSync } from 'node:fs';
import { isAlive } from '../proc.ts';
import type { ProcessIdentity } from '../sandbox/state.ts';
import { allPids, anyFits, findProcesses, type ProcessFinder } from './process-finder.ts';

const ALL_EVERY_MS = 2000;
/** To list the sockets of a machine takes its kernel about 10 ms, however few they are. */
const SOCKETS_EVERY_MS = 5000;
const NEW_EVERY_MS = 200;
/** A new process has the command line of its parent until its exec; a shell may wait before it. */
const YOUNG_MS = 1000;
/** An instance that has not come back by then was taken away for good. */
const MISSED_FOR_MS = 120_000;

/** What it reads, for tests. */
export interface ProcessReads {
  /** Monotonic, in ms. */
  now(): number;
  /** All that fit now. */
  find(): readonly ProcessIdentity[];
  isThere(one: ProcessIdentity): boolean;
  pids(): readonly number[];
  /** The newest number that was given to a process or thread; undefined: not known. */
  newestPid(): string | undefined;
  anyFits(pids: readonly number[]): boolean;
}

export class ProcessWatch {
  readonly #reads: ProcessReads;
  readonly #finder: ProcessFinder;
  #known: readonly ProcessIdentity[] = [];
  #allAt = Number.NEGATIVE_INFINITY;
  /** How many there should be, and since when they are fewer. */
  #most = 1;
  #missingSince: number | null = null;
  #newAt = Number.NEGATIVE_INFINITY;
  #newestPid: string | undefined;
  /** Of all processes at the last listing. */
  #listed = new Set<number>();
  /** When each new one was first listed. */
  #young = new Map<number, number>();

  constructor(finder: ProcessFinder, reads: ProcessReads = readsOf(finder)) {
    this.#reads = reads;
    this.#finder = finder;
  }

  /** Those that run now, oldest first. */
  look(): readonly ProcessIdentity[] {
    const now = this.#reads.now();
    // Before all are asked: every process that begins from now on is a new one.
    if (this.#listed.size === 0) this.#listed = new Set(this.#reads.pids());
    const { command, port, pidFile } = this.#finder;
    const isFull =
      // A pid file names one process, which is asked directly.
      pidFile !== undefined ||
      this.#missingSince !== null ||
      now >= this.#allAt + (port === undefined ? ALL_EVERY_MS : SOCKETS_EVERY_MS) ||
      !this.#known.every((one) => this.#reads.isThere(one)) ||
      (command !== undefined && this.#reads.anyFits(this.#newPids(now)));
    if (isFull) this.#lookAtAll(now);
    return this.#known;
  }

  #lookAtAll(now: number): void {
    this.#known = this.#reads.find();
    this.#allAt = now;
    for (const { pid } of this.#known) this.#young.delete(pid);
    const count = this.#known.length;
    this.#most = Math.max(this.#most, count);
    this.#missingSince = count < this.#most ? (this.#missingSince ?? now) : null;
    if (this.#missingSince === null || now < this.#missingSince + MISSED_FOR_MS) return;
    this.#most = count;
    this.#missingSince = null;
  }

  /** Those that began, or may have become another program, since the last look. */
  #newPids(now: number): readonly number[] {
    if (now < this.#newAt + NEW_EVERY_MS) return [];
    this.#newAt = now;
    const newest = this.#reads.newestPid();
    const isSame = newest !== undefined && newest === this.#newestPid;
    this.#newestPid = newest;
    for (const [pid, since] of this.#young) if (now > since + YOUNG_MS) this.#young.delete(pid);
    if (!isSame) this.#list(now);
    return [...this.#young.keys()];
  }

  #list(now: number): void {
    const pids = this.#reads.pids();
    const known = new Set(this.#known.map((one) => one.pid));
    for (const pid of pids) if (!this.#listed.has(pid) && !known.has(pid)) this.#young.set(pid, now);
    this.#listed = new Set(pids);
    for (const pid of this.#young.keys()) if (!this.#listed.has(pid)) this.#young.delete(pid);
  }
}

const readsOf = (finder: ProcessFinder): ProcessReads => ({
  now: () => performance.now(),
  find: () => findProcesses(finder),
  isThere: ({ pid, startTicks }) => isAlive(pid, startTicks),
  pids: allPids,
  newestPid,
  anyFits: (pids) => anyFits(finder, pids),
});

/** The last field of /proc/loadavg. */
function newestPid(): string | undefined {
  try {
    return readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1);
  } catch {
    return undefined;
  }
}
