import { describe, expect, it } from 'vitest';
import { GauntletError, show } from '../../../src/core/errors.ts';

describe('errors', () => {
  it('say where, what was expected, what came and what to do, one line each, all at once', () => {
    const error = new GauntletError('usage', [
      {
        subject: 'rate',
        expected: 'a rate',
        got: '"10k"',
        next: 'Write 10000/s.',
        place: { file: 'demo.yaml', line: 3, column: 5 },
      },
      { subject: 'target', expected: 'a name' },
    ]);
    expect(error.message).toBe(
      'demo.yaml:3:5: rate: expected a rate, got "10k". Write 10000/s.\ntarget: expected a name.',
    );
  });

  it('cut long values short', () => {
    expect(show('x'.repeat(200))).toHaveLength(80);
    expect(show(undefined)).toBe('nothing');
  });
});
