/**
 * Readings of packages/netagent/tasks.go added up: threads come and go, and what one counted before it ended
 * stays counted. Pure.
 */
import type { CpuSpan } from '../../core/acts/pod-stress-acts.ts';

/** Field for field what `netagent tasks` writes. */
export interface Reading {
  readonly atMs: number;
  /** By thread: ns on a CPU, ns waited for one. */
  readonly workload: Readonly<Record<string, readonly [number, number]>>;
  readonly beside: Readonly<Record<string, number>>;
}

/** As of one reading, since the first. */
export interface Totals {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly waitedMs: number;
  /**
   * Of each process that was there in two readings one after the other: an exec probe that comes and goes is
   * none of them.
   */
  readonly beside: ReadonlyMap<string, number>;
}

const NS_PER_MS = 1_000_000;
/** Less than this is no spinner: a shell that waits for a key. */
const LEAST_BESIDE_MS = 1;

export const firstTotals = ({ atMs }: Reading): Totals => ({
  atMs,
  cpuMs: 0,
  waitedMs: 0,
  beside: new Map(),
});

export function addReading(totals: Totals, last: Reading, now: Reading): Totals {
  let [cpuMs, waitedMs] = [totals.cpuMs, totals.waitedMs];
  for (const [thread, [ran, waited]] of Object.entries(now.workload)) {
    // New since: all that it has counted is of this time.
    const [ranBefore, waitedBefore] = last.workload[thread] ?? [0, 0];
    cpuMs += Math.max(0, ran - ranBefore) / NS_PER_MS;
    waitedMs += Math.max(0, waited - waitedBefore) / NS_PER_MS;
  }
  const beside = new Map(totals.beside);
  for (const [process, ran] of Object.entries(now.beside)) {
    const before = last.beside[process];
    if (before === undefined) continue;
    beside.set(process, (beside.get(process) ?? 0) + Math.max(0, ran - before) / NS_PER_MS);
  }
  return { atMs: now.atMs, cpuMs, waitedMs, beside };
}

export function spanBetween(from: Totals, to: Totals): CpuSpan {
  const used = [...to.beside].map(
    ([process, ms]) => [process, ms - (from.beside.get(process) ?? 0)] as const,
  );
  const burning = used.filter(([, ms]) => ms >= LEAST_BESIDE_MS);
  return {
    spanMs: to.atMs - from.atMs,
    cpuMs: to.cpuMs - from.cpuMs,
    waitedMs: to.waitedMs - from.waitedMs,
    besideMs: burning.reduce((sum, [, ms]) => sum + ms, 0),
    beside: burning.map(([process]) => nameOf(process)),
  };
}

/** `stress-ng (pid 71)` of `71 998877 stress-ng`; the name may have spaces. */
function nameOf(process: string): string {
  const [pid = '', , ...name] = process.split(' ');
  return `${name.join(' ')} (pid ${pid})`;
}
