/**
 * At which level each of several looks at a growing set of data may decide, so that all of them together err
 * as often as was agreed: Lan and DeMets' spending with an O'Brien–Fleming shape (Lan and DeMets 1983),
 * bounds by the recursion of Armitage, McPherson and Rowe (1969). Early looks get almost nothing, the last
 * one almost all.
 */
import { normalCdf, normalQuantile } from './normal.ts';

/** What may be spent up to a share of the data: 2(1 - Φ(z(1 - level/2) / √share)). */
export const spentBy = (level: number, share: number): number =>
  share >= 1 ? level : 2 * normalCdf(-normalQuantile(1 - level / 2) / Math.sqrt(share));

/** Points of the grid between two bounds; even. 400 give five digits of a level. */
const STEPS = 400;
/** Beyond this many standard deviations nothing is left to integrate. */
const FAR = 8;

/**
 * One-sided nominal levels, one for each look.
 * @param level of all looks together, in (0, 0.5). @param looks at how many pairs, rising.
 */
export function lookLevels(level: number, looks: readonly number[]): readonly number[] {
  const last = looks.at(-1) ?? 1;
  const levels: number[] = [];
  /** Of the sum so far, where nothing was decided yet. */
  let sofar: Grid | null = null;
  let spent = 0;
  for (const look of looks) {
    const share = look / last;
    const target = spentBy(level, share) - spent;
    const bound = solveBound(sofar, share, target);
    levels.push(normalCdf(-bound / Math.sqrt(share)));
    sofar = undecided(sofar, share, bound);
    spent += target;
  }
  return levels;
}

/** Values of a density at equal steps, with Simpson's weights in them; of a sum with variance `share`. */
interface Grid {
  readonly share: number;
  readonly at: Float64Array;
  readonly mass: Float64Array;
}

/** P(nothing decided before, and the sum at this look ≥ bound). */
function crossing(before: Grid | null, share: number, bound: number): number {
  if (before === null) return normalCdf(-bound / Math.sqrt(share));
  const deviation = Math.sqrt(share - before.share);
  let sum = 0;
  for (const [index, at] of before.at.entries())
    sum += (before.mass[index] ?? 0) * normalCdf((at - bound) / deviation);
  return sum;
}

function solveBound(before: Grid | null, share: number, target: number): number {
  let low = -FAR;
  let high = FAR;
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (crossing(before, share, middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function undecided(before: Grid | null, share: number, bound: number): Grid {
  const low = -FAR * Math.sqrt(share);
  const width = (bound - low) / STEPS;
  const at = Float64Array.from({ length: STEPS + 1 }, (_, index) => low + index * width);
  const mass = at.map((value, index) => {
    const weight = index === 0 || index === STEPS ? 1 : index % 2 === 1 ? 4 : 2;
    return (densityAt(before, share, value) * weight * width) / 3;
  });
  return { share, at, mass };
}

function densityAt(before: Grid | null, share: number, value: number): number {
  if (before === null) return bell(value, Math.sqrt(share));
  const deviation = Math.sqrt(share - before.share);
  let sum = 0;
  for (const [index, from] of before.at.entries())
    sum += (before.mass[index] ?? 0) * bell(value - from, deviation);
  return sum;
}

const bell = (value: number, deviation: number): number =>
  Math.exp(-0.5 * (value / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
