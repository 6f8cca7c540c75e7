/** How many arrivals of a schedule must exist, by the schedule's own formula, when its k6 has ended. */
import type { EpochMs } from '../core/units.ts';
import type { ExpectedDue } from '../measure/ledger.ts';
import type { Ticks } from '../measure/schedule.ts';

/** How a k6 process ended, with respect to the schedule. */
export type LoadEnding =
  | { readonly kind: 'schedule-over' }
  | { readonly kind: 'stopped'; readonly askedAt: EpochMs; readonly goneAt: EpochMs };

/**
 * When a run ends, k6 leaves its loop between two ticks: ticks of this last interval may be missing. The
 * timer that ends the loop may be late too; ticks of such an interval after the end are then really due (13
 * at 500/s observed on two busy cores, 26 ms).
 */
const END_SLACK_NS = 1e8;

export interface SchedulePlace {
  readonly ticks: Ticks;
  /** Since the base; null: it never began. */
  readonly startNs: number | null;
  readonly wholeNs: number;
  /** The base, in epoch ms. */
  readonly baseMs: number;
}

export function expectedDue(
  { ticks, startNs, wholeNs, baseMs }: SchedulePlace,
  ending: LoadEnding,
): ExpectedDue {
  const offset = (at: EpochMs): number =>
    Math.min(wholeNs, (at - baseMs) * 1e6 - (startNs ?? Number.POSITIVE_INFINITY));
  const [endNs, latestNs] =
    ending.kind === 'stopped' ? [offset(ending.askedAt), offset(ending.goneAt)] : [wholeNs, wholeNs];
  const least = Math.min(ticks.dueBefore(endNs) - 1, ticks.dueBefore(endNs - END_SLACK_NS));
  return { least: Math.max(0, least), most: ticks.dueBefore(latestNs + END_SLACK_NS) + 1 };
}
