/**
 * Whether a flow works without a fault. If it does not, no number of the run is meaningful: fast failures
 * improve every percentile, and a fault has nothing to break.
 */
import type { FlowPhase } from '../core/result.ts';
import type { Reason } from '../core/verdict.ts';
import { mostFirst } from './outcome-store.ts';
import { wilson } from './statistics.ts';

/** Above this share of arrivals without a good answer a flow is broken. */
export const BROKEN_SHARE = 0.05;
/** Failures faster than this share of a good answer's time distort the statistics that include them. */
const FAST_SHARE = 0.5;

/** One flow in one phase without a fault, a pending recovery, or a climbing search. */
export interface CalmPhase {
  readonly flow: string;
  readonly phase: string;
  readonly stats: FlowPhase;
}

type Counts = Pick<FlowPhase, 'due' | 'count' | 'failed'>;

/** Arrivals without a good answer: failed, dropped and interrupted. */
export const notGood = ({ due, count, failed }: Counts): number => due - (count - failed);

export const isBrokenBaseline = ({ phase, stats }: CalmPhase): boolean =>
  phase === 'baseline' && stats.due > 0 && notGood(stats) / stats.due > BROKEN_SHARE;

/**
 * After the baseline, a share above the limit may be chance in a phase of three seconds; no good answer at
 * all is not.
 */
function isBrokenLater({ phase, stats }: CalmPhase): boolean {
  if (stats.due === 0) return false;
  if (notGood(stats) === stats.due) return true;
  return phase === 'steady' && wilson(notGood(stats), stats.due)[0] > BROKEN_SHARE;
}

export function judgeBroken(calm: readonly CalmPhase[]): readonly Reason[] {
  const broken = calm.filter((one) => isBrokenBaseline(one) || isBrokenLater(one));
  return broken.map(({ flow, phase, stats }) => {
    const share = `${notGood(stats)} of ${stats.due} arrivals had no good answer`;
    const why = mostFirst(Object.entries(stats.outcomes)).map(([word, count]) => `${word} ${count}`);
    const said = [why.slice(0, 3).join(', '), fastFailures(stats)].filter((one) => one !== '');
    const detail = said.length === 0 ? '' : ` (${said.join('; ')})`;
    return { status: 'FAIL', text: `${flow}: broken in ${phase}: ${share}${detail}` };
  });
}

/** Empty when failures were at least as slow as good answers, or there were none. */
export function fastFailures({ failedMs, goodMs }: Partial<Pick<FlowPhase, 'failedMs' | 'goodMs'>>): string {
  const [failed, good] = [failedMs?.p50 ?? null, goodMs?.p50 ?? null];
  if (failed === null) return '';
  const took = `too good to be true: failed answers took ${failed.toFixed(1)} ms at P50`;
  if (good === null) return `${took}, and none was good`;
  return failed < good * FAST_SHARE ? `${took}, good ones ${good.toFixed(1)} ms` : '';
}
