import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapped } from '../../../src/core/wrap.ts';

const sentences = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 40 });

describe('wrapped text', () => {
  it('begins its first line and each further line as asked', () => {
    expect(wrapped('one two three four', 10, '- ', '  ')).toEqual(['- one two', '  three', '  four']);
  });

  it('keeps all words in order, and no line is longer than asked unless one word is', () => {
    fc.assert(
      fc.property(sentences, fc.integer({ min: 1, max: 60 }), (words, columns) => {
        const lines = wrapped(words.join(' '), columns, '> ');
        expect(lines.flatMap((line) => line.slice(2).split(' '))).toEqual(words);
        for (const line of lines.filter((one) => one.length > columns))
          expect(line.slice(2)).not.toContain(' ');
      }),
    );
  });

  it('breaks no earlier than it must', () => {
    fc.assert(
      fc.property(sentences, fc.integer({ min: 1, max: 60 }), (words, columns) => {
        const lines = wrapped(words.join(' '), columns);
        for (const [index, line] of lines.slice(1).entries()) {
          const next = line.split(' ')[0] ?? '';
          expect(`${lines[index]} ${next}`.length).toBeGreaterThan(columns);
        }
      }),
    );
  });
});
