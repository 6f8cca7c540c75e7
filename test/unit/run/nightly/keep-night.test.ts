import { describe, expect, it } from 'vitest';
import type { NightReference } from '../../../../src/core/night.ts';
import type { VerdictStatus } from '../../../../src/core/verdict.ts';
import { withReference } from '../../../../src/run/nightly/keep-night.ts';

const reference = (status: VerdictStatus): NightReference => ({
  ...{ target: 'v1', run: null, status, sentence: 'P50 ratio 1.27 (1.21–1.30) after 9 pairs', ratios: [] },
});
const kept = (own: VerdictStatus, compared: VerdictStatus): VerdictStatus =>
  withReference({ status: own, reasons: [{ status: own, text: 'x' }] }, { reference: reference(compared) })
    .status;

describe('a night that was compared with a reference', () => {
  it('fails with it, and is in doubt where nothing was compared', () => {
    expect([kept('PASS', 'FAIL'), kept('PASS', 'NO-DATA'), kept('PASS', 'INVALID')]).toEqual([
      'FAIL',
      'INCONCLUSIVE',
      'INCONCLUSIVE',
    ]);
    expect(kept('PASS', 'RESIDUE')).toBe('RESIDUE');
  });

  it('is never better for it, and passes where a few pairs decide nothing: the nights together do', () => {
    expect([kept('PASS', 'PASS'), kept('PASS', 'INCONCLUSIVE')]).toEqual(['PASS', 'PASS']);
    expect([kept('FAIL', 'PASS'), kept('INVALID', 'FAIL')]).toEqual(['FAIL', 'INVALID']);
  });

  it('says what the comparison said', () => {
    const { reasons } = withReference({ status: 'PASS', reasons: [] }, { reference: reference('FAIL') });
    expect(reasons).toEqual([
      { status: 'FAIL', text: 'against v1: FAIL: P50 ratio 1.27 (1.21–1.30) after 9 pairs' },
    ]);
  });

  it('without one is as it was judged', () => {
    expect(withReference({ status: 'PASS', reasons: [] }, {})).toEqual({ status: 'PASS', reasons: [] });
  });
});
