/**
 * Which whole seconds belong to a phase. A second that a boundary cuts belongs to the fault: `fault:*` phases
 * take every second they touch, all others only the seconds entirely inside. So no baseline contains a fault,
 * no fault loses its onset, and a second of one fault is in no other phase.
 */
import { faultOfPhase } from '../core/fault-steps.ts';
import type { Phase } from '../core/result.ts';

export interface Seconds {
  /** Whole epoch seconds in `[from, to)`. */
  readonly from: number;
  readonly to: number;
}

export function secondsOf(phase: Phase): Seconds {
  if (faultOfPhase(phase.name)?.part !== 'fault') {
    const from = Math.ceil(phase.from / 1000);
    return { from, to: Math.max(from, Math.floor(phase.to / 1000)) };
  }
  const from = Math.floor(phase.from / 1000);
  return { from, to: Math.max(from + 1, Math.ceil(phase.to / 1000)) };
}

export function* eachSecond({ from, to }: Seconds): Generator<number> {
  for (let second = from; second < to; second += 1) yield second;
}
