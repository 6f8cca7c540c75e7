/**
 * A percentile against its limit. A failed arrival had no good answer within any limit, so it ranks as slower
 * than every good answer, whatever time its failure took: fast failures cannot improve a percentile, and slow
 * ones are not omitted.
 */
import type { Objective } from '../core/objective.ts';
import { fastFailures } from './broken.ts';
import { decided, type Finding, noData } from './finding.ts';
import { type LatencyHistogram, rankOf } from './latency-histogram.ts';
import type { IntervalCounts } from './phase-windows.ts';
import { quantileRanks, samplesForQuantile, wilson } from './statistics.ts';

/** Good answers (and lower bounds of unanswered arrivals) in order, followed by failed arrivals. */
interface Ranked {
  readonly times: LatencyHistogram;
  readonly failed: number;
}

const sizeOf = ({ times, failed }: Ranked): number => times.count + failed;

/** In ms; Infinity for a failed arrival. */
function at({ times }: Ranked, rank: number): number {
  if (rank > times.count) return Number.POSITIVE_INFINITY;
  const value = times.valueAtRank(rank);
  return value === null ? Number.NEGATIVE_INFINITY : value / 1000;
}

/**
 * @param times of the objective's clock, of response and service without failed answers; undefined without
 * such a phase.
 */
export function judgeQuantile(
  objective: Objective,
  { clock, quantile: q }: Extract<Objective['indicator'], { kind: 'quantile' }>,
  times: LatencyHistogram | undefined,
  phase: IntervalCounts | undefined,
): Finding {
  if (times === undefined) return noData('no samples');
  const ranked = { times, failed: clock === 'lateness' ? 0 : (phase?.failed ?? 0) };
  const count = sizeOf(ranked);
  if (count === 0) return noData('no samples');
  const needed = samplesForQuantile(q);
  // With few samples good answers prove little, but too many failures are a miss at any sample size.
  const isBeyond = wilson(ranked.failed, count)[0] > 1 - q;
  if (count < needed && !isBeyond)
    return noData(`${count} samples, ${needed} needed for this quantile`, count);
  const unanswered = (phase?.due ?? 0) - (phase?.count ?? 0) - (phase?.stale ?? 0);
  const isBound = clock === 'response';
  const value = at(ranked, rankOf(q, count));
  const [low, high] = intervalOf(ranked, q, isBound ? unanswered : 0);
  const found = decided(objective, value, [isBeyond ? Number.POSITIVE_INFINITY : low, high], count);
  const notes = [found.note, failedNote(ranked.failed, phase), unansweredNote(clock, unanswered, phase)];
  return {
    ...found,
    // JSON has no infinity: an interval without an upper end is judged, but not shown.
    observed: Number.isFinite(value) ? value : null,
    interval: Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null,
    note: notes.filter((one) => one !== null).join('; ') || null,
  };
}

/**
 * In ms. A dropped or interrupted arrival is in the response times with its lower bound. Its true time may be
 * the slowest of all, which moves every rank up by one.
 * @param unknown how many of the times are such bounds.
 */
function intervalOf(ranked: Ranked, quantile: number, unknown: number): [number, number] {
  const ranks = quantileRanks(sizeOf(ranked), quantile);
  if (ranks === null) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return [at(ranked, ranks[0]), at(ranked, ranks[1] + unknown)];
}

function failedNote(failed: number, phase: IntervalCounts | undefined): string | null {
  if (failed === 0 || phase === undefined) return null;
  const fast = fastFailures(phase);
  const note = `${failed} of ${phase.due} arrivals failed and count as slower than any limit`;
  return fast === '' ? note : `${note}; ${fast}`;
}

function unansweredNote(clock: string, unanswered: number, phase: IntervalCounts | undefined): string | null {
  if (unanswered === 0 || phase === undefined) return null;
  const missing = `${unanswered} of ${phase.due} arrivals were never answered`;
  return clock === 'response'
    ? `${missing}: their times are lower bounds`
    : `${missing} and have no ${clock} time`;
}
