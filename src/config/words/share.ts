/** Shares: `1%`, `99.9%`, and levels of a load, which may be above 100 %. */
import { type Parsed, parseRatio, RATIO_EXPECTED, type Ratio } from '../../core/units.ts';
import { PERCENT, percentOf, writePercent } from './percent.ts';
import { word } from './word.ts';

export const share = word<Ratio>({
  id: 'share',
  description: 'a share from 0% to 100%',
  examples: ['1%', '0.5%'],
  expected: RATIO_EXPECTED,
  pattern: PERCENT,
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
  pattern: PERCENT,
  read(text): Parsed<number> {
    const percent = percentOf(text);
    return percent >= 1 && percent <= 10_000
      ? { ok: true, value: percent / 100 }
      : { ok: false, expected: LEVEL_EXPECTED };
  },
  write: writePercent,
});
