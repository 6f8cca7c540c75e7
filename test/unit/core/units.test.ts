import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BANDWIDTH_EXPECTED,
  DURATION_EXPECTED,
  durationFrom,
  formatMs,
  parseBandwidth,
  parseDuration,
  parseRate,
  parseRatio,
  RATE_EXPECTED,
  RATIO_EXPECTED,
} from '../../../src/core/units.ts';

describe('units', () => {
  it.each([
    ['8s', 8000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['250us', 0.25],
    ['0s', 0],
    [' 2 h ', 7_200_000],
  ])('reads the duration %s as %d ms', (text, expected) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: expected });
  });

  it.each([['8'], [8], ['8 sec'], ['-1s'], ['1e3s'], [''], [null]])(
    'refuses the duration %j and says what it wants',
    (text) => {
      expect(parseDuration(text)).toEqual({ ok: false, expected: DURATION_EXPECTED });
    },
  );

  it.each([
    ['100/s', 100],
    ['30/m', 0.5],
    ['7200/h', 2],
  ])('reads the rate %s as %d per second', (text, expected) => {
    expect(parseRate(text)).toEqual({ ok: true, value: expected });
  });

  it.each([['0/s'], ['100'], ['100rps'], ['-5/s'], [100]])('refuses the rate %j', (text) => {
    expect(parseRate(text)).toEqual({ ok: false, expected: RATE_EXPECTED });
  });

  it('refuses what is longer than a week, since timers end at 24.8 days, and rates that are no load or beyond any machine', () => {
    expect(parseDuration('168h')).toEqual({ ok: true, value: 604_800_000 });
    expect(parseDuration('168.1h')).toEqual({ ok: false, expected: 'a duration of at most 168h' });
    const expected = 'an arrival rate from 1/h to 100000/s';
    expect(parseRate('1/h').ok && parseRate('100000/s').ok).toBe(true);
    expect(['0.9/h', '100001/s', '1000000000/s'].map(parseRate)).toEqual(
      [1, 2, 3].map(() => ({ ok: false, expected })),
    );
    expect(durationFrom('100ms')('99ms')).toEqual({ ok: false, expected: 'a duration of at least 100ms' });
    expect(durationFrom('100ms')('100ms')).toEqual({ ok: true, value: 100 });
  });

  it('reads bandwidths as decimal bits, not bytes', () => {
    expect(parseBandwidth('256kbit')).toEqual({ ok: true, value: 256_000 });
    expect(parseBandwidth('1mbit/s')).toEqual({ ok: true, value: 1_000_000 });
    expect(parseBandwidth('256KB')).toEqual({ ok: false, expected: BANDWIDTH_EXPECTED });
    expect(parseBandwidth('0kbit')).toEqual({ ok: false, expected: BANDWIDTH_EXPECTED });
  });

  it('reads shares from 0 % to 100 %', () => {
    expect(parseRatio('1%')).toEqual({ ok: true, value: 0.01 });
    expect(parseRatio('100.1%')).toEqual({ ok: false, expected: RATIO_EXPECTED });
    expect(parseRatio('0.01')).toEqual({ ok: false, expected: RATIO_EXPECTED });
  });

  it('reads back every whole number of milliseconds it is given', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), (value) => {
        expect(parseDuration(`${value}ms`)).toEqual({ ok: true, value });
      }),
    );
  });

  it('prints times with three significant digits and missing ones as a dash', () => {
    expect([0.1234, 12.34, 123.4, 1234, 12_340, null].map(formatMs)).toEqual([
      '0.12 ms',
      '12.3 ms',
      '123 ms',
      '1.23 s',
      '12.3 s',
      '–',
    ]);
  });
});
