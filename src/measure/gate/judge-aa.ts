/**
 * A gate whose two sides are one target. It is judged as every gate; what its answer means is another matter:
 * there is nothing to find, so that a FAIL is a false alarm, and what remains is the noise of the place.
 */
import type { AaResult, GatePlan, GateResult } from '../../core/gate.ts';
import { hardestOf, outlookOf } from './gate-outlook.ts';
import { nameOf } from './metric-words.ts';
import { noiseSentence } from './noise-words.ts';

/** The same result, with its noise and what it means. Pure. */
export function asAa(result: GateResult, plan: GatePlan): GateResult {
  const metrics = result.metrics.flatMap((one) =>
    one.sdPair === null || result.pairs.judged < 2 ? [] : [outlookOf(one, one.sdPair, plan)],
  );
  const aa: AaResult = { metrics, meaning: meaningOf(result, metrics, plan) };
  return { ...result, sentence: `A/A: ${result.sentence}`, aa };
}

function meaningOf({ status, metrics }: GateResult, noise: AaResult['metrics'], plan: GatePlan): string {
  const hardest = hardestOf(noise);
  const size = hardest === undefined ? '' : noiseSentence(hardest, plan);
  if (status === 'FAIL')
    return (
      `a false alarm: both sides are ${plan.baseline}, and at most ${plan.alpha * 100} % of such gates fail by chance; ` +
      'more than that means that something favours one side'
    );
  if (status === 'PASS') return `equal versions pass here${size === '' ? '' : `: ${size}`}`;
  if (status !== 'INCONCLUSIVE') return 'it says nothing about the noise of this place';
  const most = plan.looks.at(-1) ?? 0;
  if (hardest === undefined)
    return 'equal versions fail too many arrivals here to be told apart: more arrivals would decide it';
  const cliff = metrics.find(({ note, quantity }) => note !== null && quantity !== 'failed');
  if (cliff !== undefined) return `${nameOf(cliff, plan)} ${cliff.note}: gate a lower quantile here; ${size}`;
  if ((hardest.pairsNeeded ?? Number.POSITIVE_INFINITY) <= most)
    return `undecided, although these pairs decide nine times of ten: ${size}; measure it again`;
  return `this place is too noisy for this gate: ${size}`;
}
