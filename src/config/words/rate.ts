/** Arrival rates: `100/s`, `30/m`, and `auto up to 100/s`, which is a ceiling. */
import { LEAST_RATE } from '../../core/rate-search.ts';
import { type Parsed, type PerSecond, parseRate, RATE_EXPECTED } from '../../core/units.ts';
import { word } from './word.ts';

const writeRate = (value: PerSecond): string => `${value}/s`;

export const rate = word<PerSecond>({
  id: 'rate',
  description: 'an arrival rate: arrivals per s, m or h, from 1/h to 100000/s',
  examples: ['100/s', '30/m'],
  expected: RATE_EXPECTED,
  pattern: /^\s*\d+(\.\d+)?\s*\/\s*(s|m|h)\s*$/,
  read: parseRate,
  write: writeRate,
});

export interface RateOrCeiling {
  readonly rate: PerSecond;
  /** The rate is a ceiling: the sustainable part of it is found before the run. */
  readonly auto: boolean;
}

const AUTO = /^auto\b\s*(?:up to\b)?\s*/;

export const rateOrCeiling = word<RateOrCeiling>({
  id: 'rate-or-ceiling',
  description: `an arrival rate, or the ceiling (at least ${LEAST_RATE}/s) up to which a run finds one before it starts`,
  examples: ['100/s', 'auto up to 100/s'],
  expected: RATE_EXPECTED,
  pattern: /^\s*(auto up to\s+)?\d+(\.\d+)?\s*\/\s*(s|m|h)\s*$/,
  read: readRateOrCeiling,
  write: ({ rate: value, auto }) => `${auto ? 'auto up to ' : ''}${writeRate(value)}`,
});

function readRateOrCeiling(text: string): Parsed<RateOrCeiling> {
  const auto = AUTO.test(text);
  const parsed = parseRate(auto ? text.replace(AUTO, '') : text);
  if (parsed.ok && (!auto || parsed.value >= LEAST_RATE)) {
    return { ok: true, value: { rate: parsed.value, auto } };
  }
  if (!parsed.ok && !auto) return parsed;
  const expected = `a ceiling of at least ${LEAST_RATE}/s after auto, such as auto up to 100/s`;
  return { ok: false, expected };
}
