/** Durations: `8s`, `500ms`, `1.5m`. */
import { DURATION_EXPECTED, durationFrom, type Ms, type Parsed, parseDuration } from '../../core/units.ts';
import { type Word, word } from './word.ts';

const PATTERN = /^\s*\d+(\.\d+)?\s*(us|ms|s|m|h)\s*$/;
const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** In the largest unit that gives a whole number; otherwise in ms. */
export function writeDuration(value: Ms): string {
  const unit = UNITS.find(([, length]) => value !== 0 && value % length === 0);
  return unit ? `${value / unit[1]}${unit[0]}` : `${value}ms`;
}

/** Any duration up to a week, including 0. */
export const duration = word<Ms>({
  id: 'duration',
  description: 'a duration with a unit: us, ms, s, m or h',
  examples: ['500ms', '8s', '1.5m'],
  expected: DURATION_EXPECTED,
  pattern: PATTERN,
  read: parseDuration,
  write: writeDuration,
});

/** @param least as a user would write it, such as `2s`. */
export const durationOf = (least: string): Word<Ms> => durationBy(durationFrom(least), `at least ${least}`);

/** @param bounds in words, for editors. */
export const durationBy = (
  read: (text: unknown) => Parsed<Ms>,
  bounds: string,
  expected: string = DURATION_EXPECTED,
): Word<Ms> =>
  word<Ms>({
    description: `a duration: ${bounds}`,
    examples: ['8s'],
    expected,
    pattern: PATTERN,
    read,
    write: writeDuration,
  });
