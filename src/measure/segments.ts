/**
 * The share of one k6 process in a schedule that several share: `--execution-segment` with N equal parts.
 * Follows k6's own striping (lib/execution_segment.go, checked in test/unit/measure/segments.test.ts): tick g
 * of the whole belongs to process g mod N.
 */
import type { Ticks } from './schedule.ts';

export interface Segment {
  /** From 0 to `of` - 1. */
  readonly index: number;
  /** Processes in all, at least 1. */
  readonly of: number;
}

export const WHOLE: Segment = { index: 0, of: 1 };

export const segmentsOf = (count: number): Segment[] =>
  Array.from({ length: count }, (_, index) => ({ index, of: count }));

/**
 * k6 stripes ticks by the VUs that each process gets of the executor's maximum. Only a multiple of N gives
 * each the same number, and with it every N-th tick: 5 VUs in 2 processes give 3 and 2 of every 5 ticks.
 */
export const vusForSegments = (vus: number, of: number): number => Math.ceil(vus / of) * of;

/**
 * The number of a VU in the whole test, from its number in one process: k6 deals VUs to processes in turn.
 */
export const vuInTest = (vu: number, { index, of }: Segment): number => (vu - 1) * of + index + 1;

/** The ticks of one process: the process's tick t is tick index + t × of of the whole schedule. */
export function ticksOfSegment(whole: Ticks, { index, of }: Segment): Ticks {
  const shareOf = (count: number): number => Math.max(0, Math.ceil((count - index) / of));
  return {
    total: shareOf(whole.total),
    offsetNs: (tick) => whole.offsetNs(index + tick * of),
    dueBefore: (offset) => shareOf(whole.dueBefore(offset)),
  };
}
