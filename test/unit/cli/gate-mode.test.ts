import { describe, expect, it } from 'vitest';
import { type SideOptions, sidesOf } from '../../../src/cli/commands/gate-mode.ts';

const refused = (options: SideOptions): string => {
  try {
    return JSON.stringify(sidesOf(options));
  } catch (error) {
    return (error as Error).message;
  }
};

describe('which gate is asked for', () => {
  it('is two targets side by side, once', () => {
    expect(sidesOf({ baseline: 'blue', candidate: 'green' })).toEqual({
      ...{ aa: false, baseline: 'blue', candidate: 'green', rounds: 1 },
    });
  });

  it('is one target on both sides with --aa, as often as asked', () => {
    expect(sidesOf({ aa: true, target: 'blue', rounds: '6' })).toEqual({
      ...{ aa: true, baseline: 'blue', candidate: 'blue', rounds: 6 },
    });
  });

  it('says what is missing, all at once', () => {
    expect(refused({})).toBe(
      '--baseline: expected a target with the version that is in use, got none.\n' +
        '--candidate: expected a target with the version that shall replace it, got none.',
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
