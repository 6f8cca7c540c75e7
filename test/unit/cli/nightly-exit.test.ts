import { describe, expect, it } from 'vitest';
import { nightlyExit } from '../../../src/cli/commands/nightly-exit.ts';
import { GauntletError } from '../../../src/core/errors.ts';

const done = { status: 'PASS', ended: undefined, wasInterrupted: false, isUnpublished: false } as const;
const missing = new GauntletError('unavailable', [{ subject: 'k6', expected: 'to be there' }]);

describe('the exit code of a night', () => {
  it.each([
    ['passes', done, 0],
    ['fails with the night or its trend', { ...done, status: 'FAIL' }, 1],
    ['is inconclusive', { ...done, status: 'INCONCLUSIVE' }, 2],
    ['has no data although it was run', { ...done, status: 'NO-DATA' }, 3],
    ['is that of why the run ended', { ...done, status: 'NO-DATA', ended: missing }, 69],
    ['is that of a defect', { ...done, status: 'INVALID', ended: new Error('oops') }, 70],
    ['is that of Ctrl-C', { ...done, status: 'INVALID', wasInterrupted: true }, 130],
    ['is that of residue before Ctrl-C', { ...done, status: 'RESIDUE', wasInterrupted: true }, 5],
    ['is that of residue before a missing part', { ...done, status: 'RESIDUE', ended: missing }, 5],
    ['says that nobody else sees a pass', { ...done, isUnpublished: true }, 69],
    ['says that nobody else sees a doubt', { ...done, status: 'INCONCLUSIVE', isUnpublished: true }, 69],
    ['hides no failure behind a failed push', { ...done, status: 'FAIL', isUnpublished: true }, 1],
  ] as const)('%s', (_, end, code) => {
    expect(nightlyExit(end)).toBe(code);
  });
});
