/**
 * Whether a flow works at all where nothing disturbs it. Without that, no number of a run means anything:
 * fast failures make every percentile look good, and a fault has nothing to break.
 */
import type { FlowPhase } from '../core/result.ts';
import type { Reason } from '../core/verdict.ts';
import { mostFirst } from './outcome-store.ts';
import { wilson } from './statistics.ts';

/** Above this share of arrivals without a good answer a flow is broken. */
export const BROKEN_SHARE = 0.05;
/** Failures that take less than this share of a good answer's time flatter whatever counts them. */
const FAST_SHARE = 0.5;

/** One flow in one phase in which no fault is in place, nobody waits for a recovery, and no search climbs. */
export interface CalmPhase {
  readonly flow: string;
  readonly phase: string;
  readonly stats: FlowPhase;
}

type Counts = Pick<FlowPhase, 'due' | 'count' | 'failed'>;

/** Arrivals that had no good answer: failed, dropped and interrupted. */
export const notGood = ({ due, count, failed }: Counts): number => due - (count - failed);

export const isBrokenBaseline = ({ phase, stats }: CalmPhase): boolean =>
  phase === 'baseline' && stats.due > 0 && notGood(stats) / stats.due > BROKEN_SHARE;

/**
 * Later than the baseline a share above the limit may be luck in a phase of three seconds; no good answer at
 * all is none.
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

/** Empty when failures were as slow as good answers, or slower, or there were none. */
export function fastFailures({ failedMs, goodMs }: Partial<Pick<FlowPhase, 'failedMs' | 'goodMs'>>): string {
  const [failed, good] = [failedMs?.p50 ?? null, goodMs?.p50 ?? null];
  if (failed === null) return '';
  const took = `too good to be true: failed answers took ${failed.toFixed(1)} ms at P50`;
  if (good === null) return `${took}, and none was good`;
  return failed < good * FAST_SHARE ? `${took}, good ones ${good.toFixed(1)} ms` : '';
}
