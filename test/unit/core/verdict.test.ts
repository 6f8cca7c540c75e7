import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_EXIT, VERDICT_EXIT, type VerdictStatus, verdictOf, worst } from '../../../src/core/verdict.ts';

const ALL: readonly VerdictStatus[] = ['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE'];

describe('the verdict', () => {
  it('is NO-DATA when nothing was judged, never PASS', () => {
    expect(verdictOf([])).toEqual({
      status: 'NO-DATA',
      exitCode: 3,
      reasons: [{ status: 'NO-DATA', text: 'nothing was judged' }],
    });
  });

  it('lets the worst win in the order RESIDUE, INVALID, NO-DATA, FAIL, INCONCLUSIVE, PASS', () => {
    for (const [index, status] of ALL.entries()) {
      for (const other of ALL.slice(0, index + 1)) expect(worst([other, status])).toBe(status);
    }
  });

  it('does not depend on the order of the reasons', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALL), { minLength: 1 }), (statuses) => {
        expect(worst([...statuses].reverse())).toBe(worst(statuses));
      }),
    );
  });

  it('has the exit codes that are fixed', () => {
    expect(VERDICT_EXIT).toEqual({ PASS: 0, FAIL: 1, INCONCLUSIVE: 2, 'NO-DATA': 3, INVALID: 4, RESIDUE: 5 });
    expect(ERROR_EXIT).toEqual({ usage: 64, unavailable: 69, defect: 70, refused: 77, interrupted: 130 });
  });
});
