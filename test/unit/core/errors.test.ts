import { describe, expect, it } from 'vitest';
import { GauntletError, readAll, show, usageError } from '../../../src/core/errors.ts';

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

describe('reading several files', () => {
  const wrong = (subject: string) => (): never => {
    throw usageError({ subject, expected: 'a file' });
  };

  it('gives what each of them holds', () => {
    expect(readAll<[number, string]>([() => 1, () => 'two'])).toEqual([1, 'two']);
  });

  it('names what is wrong with each of them at once, and the same problem once', () => {
    expect(() => readAll([wrong('campaign'), () => 1, wrong('target'), wrong('campaign')])).toThrow(
      usageError({ subject: 'campaign', expected: 'a file' }, { subject: 'target', expected: 'a file' }),
    );
  });

  it('hides no error of another kind behind that', () => {
    const defect = (): never => {
      throw new Error('disk');
    };
    expect(() => readAll([wrong('campaign'), defect])).toThrow('disk');
  });
});
