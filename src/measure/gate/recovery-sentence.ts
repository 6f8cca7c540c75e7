/** What a gate found of the recoveries after one fault, in one sentence. */
import type { GateRecovery, RecoveryRule } from '../../core/gate-recovery.ts';
import { count, percent, ratioWords } from './metric-words.ts';

/** @param torn pairs of which only one side was played. */
export function recoverySentence(
  result: Omit<GateRecovery, 'sentence'>,
  { find, allow }: RecoveryRule,
  torn: number,
): string {
  const { status, note, fault, pairs } = result;
  if (status === 'NO-DATA') return `no fault pair of ${fault} was played`;
  if (status === 'INVALID') return invalid(result, torn);
  const within = `within +${percent(find)} of baseline after ${fault}`;
  const found = `${ratioText(result)}, ${count(pairs.kept, 'pair')}${lostText(result)}`;
  const more = note === null ? '' : `; ${note}`;
  if (status === 'PASS') return `candidate recovers ${within}: ${found}${more}`;
  const allowed = allow > 0 ? ` by more than +${percent(allow)}` : '';
  if (status === 'FAIL') return `candidate recovers later than baseline${allowed} after ${fault}: ${found}`;
  return `it is open whether candidate recovers ${within}: ${found}${more || outlook(result, find)}`;
}

function invalid({ fault, pairs, dropped }: Omit<GateRecovery, 'sentence'>, torn: number): string {
  if (torn > 0 || pairs.run < pairs.planned)
    return `ended before all fault pairs of ${fault}: ${pairs.kept} of ${pairs.planned} kept`;
  const [first] = dropped;
  return `${dropped.length} of ${count(pairs.run, 'fault pair')} of ${fault} dropped, more than a fifth (first: pair ${first?.pair}, ${first?.why})`;
}

/** `ratio 0.97 (0.90–1.05)`; a bound that is open is 0 or ∞. */
export function ratioText(result: Pick<GateRecovery, 'estimate' | 'estimateIs' | 'low' | 'high'>): string {
  const is = result.estimateIs === 'exact' ? '' : `${result.estimateIs} `;
  return `ratio ${is}${ratioWords(result)}`;
}

/** A recovery that was never seen is told, whatever the ratio is. */
function lostText({ byPair }: Omit<GateRecovery, 'sentence'>): string {
  const not = (side: 'baseline' | 'candidate'): number =>
    byPair.filter((one) => one[side].status === 'censored').length;
  const [candidate, baseline] = [not('candidate'), not('baseline')];
  if (candidate + baseline === 0) return '';
  return ` (not back within its watch: candidate ${candidate}, baseline ${baseline})`;
}

function outlook({ pairsNeeded, detectable, pairs }: Omit<GateRecovery, 'sentence'>, find: number): string {
  if (pairsNeeded === null || detectable === null) return '';
  const more = Math.max(1, pairsNeeded - pairs.kept);
  return `; ${count(more, 'pair')} more for +${percent(find)}; this one could have found +${percent(detectable)}`;
}
