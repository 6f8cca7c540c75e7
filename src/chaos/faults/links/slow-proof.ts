/**
 * When a slowdown counts as proven: both connections are slower than before by most of the predicted effect.
 */
import { isStalled, type ProbeSample } from '../../../core/samples.ts';
import { formatMs } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { median, onsetOf, type ProbeView, sayLast, together } from '../../observation.ts';

/** The share of the predicted slowdown that must be observed; the rest allows for the probe's own noise. */
export const SHARE = 0.8;
/** The median of this many samples in a row decides: one slow answer is noise, two of three are not. */
const WINDOW = 3;

/** What the counters of a link must show, for `gauntlet faults`. */
export const SLOW_PROOF =
  'At least three chunks have crossed since the act, held on average for at least 80% of what latency and bandwidth predict. ' +
  'In pods, where the kernel drops what exceeds the bandwidth: packets were dropped, and what crossed stayed within it.';

const limitOf = (baseline: readonly ProbeSample[], slowerMs: number): number =>
  median(baseline.map((sample) => sample.tookMs)) + SHARE * slowerMs;

/** @param slowerMs the predicted delay of one round trip of the probe. */
export function judgeSlower(evidence: Evidence, slowerMs: number): Proof {
  const said = { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
  const connections = (['held', 'fresh'] as const).map((connection) => {
    const usual = median(evidence.baseline[connection].map((sample) => sample.tookMs));
    const limit = limitOf(evidence.baseline[connection], slowerMs);
    return {
      connection,
      usual,
      limit,
      noisy: firstSlow(evidence.baseline[connection], limit) !== undefined,
      first: firstSlow(evidence.since[connection], limit),
    };
  });
  const want = connections
    .map((one) => `${one.connection} ≥ ${formatMs(one.limit)} (median before ${formatMs(one.usual)})`)
    .join(', ');
  if (connections.some((one) => one.noisy)) {
    const evidenceText = `as slow as that before the fault: it cannot be distinguished from noise; expected ${want}`;
    return { kind: 'not-yet', ...said, evidence: evidenceText };
  }
  const onsets = connections.flatMap((one) =>
    one.first === undefined ? [] : [onsetOf(one.first, one.connection, evidence)],
  );
  if (onsets.length < connections.length) return { kind: 'not-yet', ...said, evidence: `expected ${want}` };
  return { kind: 'seen', ...together(onsets), ...said, evidence: `slower as predicted: ${want}` };
}

/** An answer that is as fast as before the fault. */
export const isFastAgain = (sample: ProbeSample, baseline: ProbeView, slowerMs: number): boolean =>
  sample.ok && sample.tookMs < limitOf(baseline.fresh, slowerMs);

/** The first sample of the first window whose median reaches the limit. */
function firstSlow(samples: readonly ProbeSample[], limitMs: number): ProbeSample | undefined {
  // An overdue answer, with a deadline below the limit, took longer than can be measured.
  const reaches = (one: ProbeSample): boolean => one.tookMs >= limitMs || isStalled(one);
  for (let end = WINDOW; end <= samples.length; end += 1) {
    const window = samples.slice(end - WINDOW, end);
    if (window.filter(reaches).length > WINDOW / 2) return window.find(reaches);
  }
  return undefined;
}
