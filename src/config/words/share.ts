/** Shares: `1%`, `99.9%`, and levels of a load, which may be above 100 %. */
import { type Parsed, parseRatio, RATIO_EXPECTED, type Ratio } from '../../core/units.ts';
import { word } from './word.ts';

const PATTERN = /^\s*\d+(\.\d+)?\s*%\s*$/;
/** 0.07 * 100 is 7.000000000000001. */
const writePercent = (value: number): string => `${Number((value * 100).toPrecision(15))}%`;

export const share = word<Ratio>({
  id: 'share',
  description: 'a share from 0% to 100%',
  examples: ['1%', '0.5%'],
  expected: RATIO_EXPECTED,
  pattern: PATTERN,
  read: parseRatio,
  write: writePercent,
});

const LEVEL_EXPECTED = 'a share of the rates from 1% to 10000%, such as 150%';

/** 1 is the rate that the campaign states. */
export const level = word<number>({
  id: 'level',
  description: 'a share of the rates of the campaign, from 1% to 10000%',
  examples: ['100%', '150%'],
  expected: LEVEL_EXPECTED,
  pattern: PATTERN,
  read(text): Parsed<number> {
    const percent = Number(/^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1]);
    return percent >= 1 && percent <= 10_000
      ? { ok: true, value: percent / 100 }
      : { ok: false, expected: LEVEL_EXPECTED };
  },
  write: writePercent,
});
