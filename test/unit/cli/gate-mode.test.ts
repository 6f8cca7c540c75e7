import { describe, expect, it } from 'vitest';
import { type ModeOptions, modeOf } from '../../../src/cli/commands/gate-mode.ts';

const refused = (options: ModeOptions): string => {
  try {
    return JSON.stringify(modeOf(options));
  } catch (error) {
    return (error as Error).message;
  }
};

describe('which gate is asked for', () => {
  it('is two targets side by side, once', () => {
    expect(modeOf({ baseline: 'blue', candidate: 'green' })).toEqual({
      rounds: 1,
      mode: { kind: 'sides', aa: false, baseline: 'blue', candidate: 'green' },
    });
  });

  it('is one target on both sides with --aa, as often as asked', () => {
    expect(modeOf({ aa: true, target: 'blue', rounds: '6' })).toEqual({
      rounds: 6,
      mode: { kind: 'sides', aa: true, baseline: 'blue', candidate: 'blue' },
    });
  });

  it('is one target against earlier runs with --baseline-history', () => {
    expect(modeOf({ candidate: 'green', baselineHistory: 'reports/main' }).mode).toEqual({
      kind: 'history',
      candidate: 'green',
      history: { folder: 'reports/main', last: 20, pin: null },
    });
    const pinned = modeOf({ candidate: 'green', baselineHistory: 'x', last: '12', pin: 'r7' });
    expect(pinned.mode).toMatchObject({ history: { last: 12, pin: 'r7' } });
    expect(refused({ candidate: 'green', baselineHistory: 'x', baseline: 'blue' })).toBe(
      '--baseline: expected one baseline: a target that is up, or --baseline-history, got blue.',
    );
    expect(refused({ candidate: 'green', baseline: 'blue', last: '12', pin: 'r7' })).toBe(
      '--last: expected it beside --baseline-history only, got 12.\n--pin: expected it beside --baseline-history only, got r7.',
    );
  });

  it('says what is missing, all at once', () => {
    expect(refused({})).toBe(
      '--candidate: expected a target with the version that shall replace the baseline, got none.\n' +
        '--baseline: expected a target with the version that is in use, got none.',
    );
    expect(refused({ aa: true })).toBe(
      '--target: expected a target that is measured against itself, got none.',
    );
  });

  it('refuses what does not go together', () => {
    expect(refused({ aa: true, target: 'blue', candidate: 'green' })).toBe(
      '--candidate: expected --target beside --aa: both sides are one, got green.',
    );
    expect(refused({ baseline: 'a', candidate: 'b', target: 'c' })).toBe(
      '--target: expected --baseline and --candidate; --target belongs to --aa, got c.',
    );
    expect(refused({ baseline: 'a', candidate: 'b', rounds: '2' })).toBe(
      '--rounds: expected it beside --aa only: a gate that is repeated until it passes errs more often, got 2.',
    );
  });

  it.each(['0', '1.5', 'x', '101'])('refuses %s rounds', (rounds) => {
    expect(refused({ aa: true, target: 'a', rounds })).toBe(
      `--rounds: expected a whole number from 1 to 100, got "${rounds}".`,
    );
  });
});
