/** The order of the two sides in each pair, and the schedule of arrivals that follows from it. */
import type { GatePlan, GateSide, PairOrder } from '../../core/gate.ts';
import type { ArrivalSchedule, Stage } from '../../core/load-plan.ts';
import { seededRng } from '../../core/rng.ts';
import { ms, type PerSecond, perSecond } from '../../core/units.ts';

/**
 * An independent coin for each pair. Fixed orders such as ABAB or ABBA would be confounded with anything
 * periodic (garbage collection, compaction, cron), and only a coin makes the signs of the differences
 * exchangeable, on which the exact test rests.
 */
export function drawOrder(pairs: number, seed: number): readonly PairOrder[] {
  const rng = seededRng(seed);
  return Array.from({ length: pairs }, () => (rng.next() < 0.5 ? 'AB' : 'BA'));
}

/**
 * One side's arrivals: half the rate for the warm-up, then all of it in its own blocks and none in the
 * other's.
 */
export function sideSchedule(
  rate: PerSecond,
  side: GateSide,
  { order, leadMs, settleMs, blockMs }: Pick<GatePlan, 'order' | 'leadMs' | 'settleMs' | 'blockMs'>,
): ArrivalSchedule {
  const half = perSecond(rate / 2);
  const own = side === 'baseline' ? 'A' : 'B';
  const block = (on: boolean): readonly Stage[] => {
    const to = perSecond(on ? rate : 0);
    return [
      { to, durationMs: ms(0) },
      { to, durationMs: ms(settleMs + blockMs) },
    ];
  };
  const blocks = order.flatMap((pair) => [...pair].flatMap((letter) => block(letter === own)));
  return { startRate: half, stages: [{ to: half, durationMs: leadMs }, ...blocks] };
}
