/** How many instances a service has: a number, or the bounds of its autoscaler. */
import type { z } from 'zod';
import type { Replicas } from '../core/system.ts';
import { block, choice, isMap, wholeNumber } from './forms.ts';

const count = (least: number) => wholeNumber(least, 10_000, `a number of instances from ${least}`);

export const replicas = choice(
  { fixed: count(1), bounds: block({ min: count(0), max: count(1) }) },
  (value) => (isMap(value) ? 'bounds' : 'fixed'),
);

export const replicasOf = (given: z.output<typeof replicas>): Replicas =>
  typeof given === 'number' ? { min: given, max: given } : (given as Replicas);
