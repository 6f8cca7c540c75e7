import type { Phase } from '../core/result.ts';

/** The index of the first phase that an instant is in; -1: it is in none. */
export function phaseAt(phases: readonly Phase[], at: number): number {
  for (let index = 0; index < phases.length; index += 1) {
    const phase = phases[index];
    if (phase !== undefined && at >= phase.from && at < phase.to) return index;
  }
  return -1;
}
