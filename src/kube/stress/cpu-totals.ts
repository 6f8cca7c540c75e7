/**
 * Sums of the readings of packages/netagent/tasks.go: threads come and go, and the counts of an ended thread
 * are kept. Pure.
 */
import type { CpuSpan } from '../../core/acts/pod-stress-acts.ts';

/** Field for field what `netagent tasks` writes. */
export interface Reading {
  readonly atMs: number;
  /** By thread: ns on a CPU, ns waited for one. */
  readonly workload: Readonly<Record<string, readonly [number, number]>>;
  readonly beside: Readonly<Record<string, number>>;
}

/** Sum as of one reading, since the first. */
export interface Totals {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly waitedMs: number;
  /** For each process that was in two consecutive readings; a short-lived exec probe is not among them. */
  readonly beside: ReadonlyMap<string, number>;
}

const NS_PER_MS = 1_000_000;
/** A process with less CPU time is no spinner: for example a shell that waits for a key. */
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
    // New since the last reading: all its counts belong to this interval.
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
