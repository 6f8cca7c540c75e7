import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recovery } from '../../../src/core/result.ts';
import {
  formatCount,
  formatElapsed,
  formatInterval,
  formatOffset,
  formatRate,
  formatRatio,
  formatRecovery,
  formatSpan,
  formatUtc,
  formatValue,
  formatWithBound,
  shareOf,
} from '../../../src/report/format.ts';
import { recovered } from './fixture-faults.ts';

describe('numbers of a report', () => {
  it('shows a missing number as a dash, never as zero', () => {
    expect([formatCount(null), formatRatio(null), formatRate(null), formatSpan(null)]).toEqual(
      Array(4).fill('–'),
    );
    expect([formatValue(null, 'ms'), formatInterval(null, 'ms'), formatOffset(null, 0)]).toEqual(
      Array(3).fill('–'),
    );
    expect(formatWithBound(null, 100)).toBe('–');
  });

  it('does not call nothing of nothing a share of 0%', () => {
    expect(shareOf(0, 0)).toBe('–');
    expect(shareOf(0, 10)).toBe('0%');
  });

  it('writes shares as their authors write them', () => {
    const shown = [0, 0.01, 0.0155, 0.353, 0.7, 1].map(formatRatio);
    expect(shown).toEqual(['0%', '1%', '1.55%', '35.3%', '70%', '100%']);
  });

  it('never rounds some failures to none, nor nearly all to all', () => {
    expect(formatRatio(1e-7)).toBe('<0.01%');
    expect(formatRatio(0.999999)).toBe('>99.99%');
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        const text = formatRatio(share);
        expect(text === '0%').toBe(share === 0);
        expect(text === '100%').toBe(share === 1);
      }),
    );
  });

  it('keeps a rate within half of its last digit', () => {
    expect([formatRate(100), formatRate(19.96), formatRate(9.98), formatRate(1234.4)]).toEqual([
      '100/s',
      '20.0/s',
      '9.98/s',
      '1,234/s',
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (rate) => {
        const shown = Number(formatRate(rate).replace('/s', '').replaceAll(',', ''));
        expect(Math.abs(shown - rate)).toBeLessThanOrEqual(rate >= 1000 ? 0.5 : 0.0501);
      }),
    );
  });

  it('prints a bound in the unit of its value, and no digit beyond it', () => {
    expect(formatWithBound(3200, 100)).toBe('3.2 s (−0.1 s)');
    expect(formatWithBound(3214, 10)).toBe('3.21 s (−0.01 s)');
    expect(formatWithBound(3214, 1)).toBe('3.214 s (−0.001 s)');
    expect(formatWithBound(80, 100)).toBe('80 ms (−100 ms)');
    expect(formatWithBound(-810, 100)).toBe('−810 ms (−100 ms)');
    expect(formatWithBound(3200, 0)).toBe('3.2 s');
  });

  it('prints no minus zero', () => {
    expect(formatSpan(-0.3)).toBe('0 ms');
  });

  it('shows a recovery that never came as at least its watch, and none where nothing degraded', () => {
    const censored: Recovery = { ...recovered(600, 60_000, 51_780, 0.8), status: 'censored' };
    expect(formatRecovery(censored, 'injected')).toBe('> 60 s');
    expect(formatRecovery(censored, 'removed')).toBe('> 51.8 s');
    expect(formatRecovery({ ...censored, status: 'never-degraded' }, 'injected')).toBe('–');
    expect(formatRecovery(recovered(200, 4100, -1010, 0.1), 'removed')).toBe('−1.0 s (−0.1 s)');
  });

  it('writes times into the run without a tenth that overflows', () => {
    expect(formatOffset(21_960, 0)).toBe('+00:22.0');
    expect(formatOffset(59_990, 0)).toBe('+01:00.0');
    expect(formatOffset(3_723_400, 0)).toBe('+1:02:03.4');
    expect(formatOffset(0, 1500)).toBe('−00:01.5');
  });

  it('writes elapsed time by the clock and never below zero', () => {
    expect([formatElapsed(161_900), formatElapsed(3_761_000), formatElapsed(-5)]).toEqual([
      '02:41',
      '1:02:41',
      '00:00',
    ]);
  });

  it('leaves a start time that is no date as it is', () => {
    expect(formatUtc('2026-11-21T03:12:08.123Z')).toBe('2026-11-21 03:12:08 UTC');
    expect(formatUtc('unknown')).toBe('unknown');
  });

  it('uses the unit of the objective', () => {
    expect(formatValue(71.4, 'ms')).toBe('71.4 ms');
    expect(formatValue(0.0155, 'ratio')).toBe('1.55%');
    expect(formatValue(99.8, '/s')).toBe('99.8/s');
    expect(formatValue(22.4, 's')).toBe('22.4 s');
    expect(formatInterval([279, 331], 'ms')).toBe('279 ms … 331 ms');
  });
});
