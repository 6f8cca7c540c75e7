/**
 * Long arrays of numbers in the lines of a run, checked by a loop: a schema for each number costs more than
 * all else that is done with a line. The schema has its say where the loop finds something wrong.
 */
import { z } from 'zod';

const counts = z.array(z.int().nonnegative());
const numbers = z.array(z.number());

/** Whole numbers from 0 on. */
export const countsShape = checkedBy(counts, (one) => Number.isSafeInteger(one) && (one as number) >= 0);
export const numbersShape = checkedBy(numbers, (one) => Number.isFinite(one));

function checkedBy(schema: z.ZodType<number[]>, isGood: (one: unknown) => boolean) {
  return z.custom<number[]>().superRefine((value, context) => {
    if (Array.isArray(value) && allAre(value, isGood)) return;
    for (const { code, message, path } of schema.safeParse(value).error?.issues ?? [])
      context.addIssue({ code: 'custom', params: { code }, message, path });
  });
}

function allAre(values: readonly unknown[], isGood: (one: unknown) => boolean): boolean {
  for (let at = 0; at < values.length; at += 1) if (!isGood(values[at])) return false;
  return true;
}
