/**
 * How many VUs a flow needs so that k6 never has to drop an arrival while the target stalls:
 * rate × worst stall (Little's law with the longest time a request can take), and one in ten more for jitter.
 * Fewer VUs would turn a slow target into dropped arrivals (docs/measuring.md).
 */
import type { ArrivalSchedule } from '../core/load-plan.ts';
import type { Ms } from '../core/units.ts';
import { peakOf } from '../measure/reserve.ts';

const HEADROOM = 1.1;

export const vusNeeded = (schedule: ArrivalSchedule, worstStall: Ms): number =>
  Math.max(1, Math.ceil((peakOf(schedule) * worstStall * HEADROOM) / 1000));
