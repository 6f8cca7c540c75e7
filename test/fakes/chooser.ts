/** Choices for the texts of the scenarios outside of k6, which the library that makes them needs. */
import type { Chooser } from '../../scenarios/gauntlet.ts';
import { seededRng } from '../../src/core/rng.ts';

export function chooser(seed: number): Chooser {
  const { below } = seededRng(seed);
  return { below, pick: (list) => list[below(list.length)] as never };
}
