/** The rounds of many nights together: which share recovered, and how long half of them took. */
import type { PooledRecovery } from '../../core/trend.ts';
import { wilson } from '../statistics.ts';
import { kaplanMeier, medianTime, type Watched } from './kaplan-meier.ts';

/** @param watchMs of a round, for what was never cut off. Null for no round. */
export function poolRecoveries(rounds: readonly Watched[], watchMs: number): PooledRecovery | null {
  if (rounds.length === 0) return null;
  const recovered = rounds.filter((one) => one.recovered).length;
  const [shareLow, shareHigh] = wilson(recovered, rounds.length);
  const median = medianTime(kaplanMeier(rounds));
  const cutOff = rounds.filter((one) => !one.recovered).map((one) => one.timeMs);
  return {
    ...{ rounds: rounds.length, recovered, shareLow, shareHigh },
    ...{ medianMs: median.ms, medianLowMs: median.lowMs, medianHighMs: median.highMs },
    watchMs: cutOff.length === 0 ? watchMs : Math.max(...cutOff),
  };
}
