/** The series of a night's target against a reference that was up beside it. */
import { byKey } from '../../core/by-key.ts';
import type { Night } from '../../core/night.ts';
import { gap, type NightValue, type SeriesPlan } from './series-plan.ts';

/** One for each reference, flow and quantile. */
export function referenceSeries(nights: readonly Night[]): readonly SeriesPlan[] {
  const found = new Map<string, Compared>();
  for (const { reference } of nights)
    for (const { flow, quantile } of reference?.ratios ?? []) {
      const compared = { target: reference?.target ?? '', flow, quantile };
      found.set(idOf(compared), compared);
    }
  return [...found].sort(byKey).map(([id, compared]) => ({
    ...{ id, name: nameOf(compared), kind: 'ratio', scale: 'log', isHeadline: true },
    valueOf: (night) => ratioOf(night, compared),
  }));
}

interface Compared {
  readonly target: string;
  readonly flow: string;
  readonly quantile: string;
}

const idOf = ({ target, flow, quantile }: Compared): string => `${flow} ${quantile} against ${target}`;
const nameOf = ({ target, flow, quantile }: Compared): string =>
  `${quantile.toUpperCase()} of ${flow} against ${target}`;

/** A gate that was INVALID says nothing; what it decided otherwise does not matter here. */
function ratioOf({ reference }: Night, { target, flow, quantile }: Compared): NightValue {
  if (reference === undefined || reference.target !== target) return gap(`not compared with ${target}`);
  if (reference.status === 'INVALID' || reference.status === 'NO-DATA')
    return gap(`${reference.status}: ${reference.sentence}`);
  const row = reference.ratios.find((one) => one.flow === flow && one.quantile === quantile);
  if (row === undefined || row.ratio.value === null) return gap('no ratio in this night’s comparison');
  return { ...row.ratio, censored: false, gap: null };
}
