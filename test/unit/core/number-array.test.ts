import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { countsShape, numbersShape } from '../../../src/core/shapes/number-array.ts';
import { shapeProblem } from '../../../src/core/shapes/shape-check.ts';

const inLine = (array: z.ZodType) => z.object({ own: z.record(z.string(), array) });
const bySchema = { counts: inLine(z.array(z.int().nonnegative())), numbers: inLine(z.array(z.number())) };
const byLoop = { counts: inLine(countsShape), numbers: inLine(numbersShape) };

it('says of each array of numbers what the schema of each number says, with the place', () => {
  const number = fc.oneof(fc.nat(), fc.integer(), fc.double(), fc.anything());
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.nat()), fc.array(number), fc.anything()), (value) => {
      const line = { own: { 'web.orders': value } };
      for (const kind of ['counts', 'numbers'] as const)
        expect(shapeProblem(byLoop[kind], line)).toEqual(shapeProblem(bySchema[kind], line));
    }),
    { numRuns: 2000 },
  );
  expect(shapeProblem(byLoop.counts, { own: { 'web.orders': [1, -1] } })?.text).toBe(
    'own.web.orders[1]: Too small: expected number to be >=0',
  );
});
