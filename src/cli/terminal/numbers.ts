/** Numbers on the command line that several commands take. */
import { usageError } from '../../core/errors.ts';

/** A new one when none is given. @throws usage. */
export function seedOf(text: string | undefined): number {
  if (text === undefined) return Math.floor(Math.random() * 2 ** 31);
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) return seed;
  throw usageError({
    subject: '--seed',
    expected: 'a whole number from 0 to 2147483647',
    got: JSON.stringify(text),
  });
}

/** @throws usage. */
export function scaleOf(text: string | undefined): number {
  const scale = Number(text ?? '1');
  if (scale > 0 && scale <= 1000) return scale;
  throw usageError({
    subject: '--scale',
    expected: 'a factor above 0 and up to 1000, such as 2 or 0.5',
    got: JSON.stringify(text),
  });
}
