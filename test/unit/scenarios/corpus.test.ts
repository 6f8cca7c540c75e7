import { describe, expect, it } from 'vitest';
import { wavOf } from '../../../scenarios/lib/audio.ts';
import { textOf } from '../../../scenarios/lib/corpus.ts';
import {
  textQualityProblem,
  understand,
} from '../../../systems/neural-hive-mind/stand-ins/src/gateway/nlu.ts';
import { readWav } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/wav.ts';
import { chooser } from '../../fakes/chooser.ts';

const texts = Array.from({ length: 4000 }, (_, index) => textOf(chooser(index)));

describe('the corpus', () => {
  it('has only texts that the documented rules answer with processed: quality passed, confidence at least 0.5', () => {
    const wrong = [...new Set(texts)].filter(
      (text) => textQualityProblem(text) !== undefined || understand(text).confidence < 0.5,
    );
    expect(wrong).toEqual([]);
  });

  it('leaves no slot unfilled, and reaches all four domains and more than 200 texts', () => {
    expect(texts.filter((text) => /[{}]/.test(text))).toEqual([]);
    expect(new Set(texts).size).toBeGreaterThan(200);
    expect([...new Set(texts.map((text) => understand(text).domain))].sort()).toEqual([
      'BUSINESS',
      'INFRASTRUCTURE',
      'SECURITY',
      'TECHNICAL',
    ]);
  });
});

describe('a recording', () => {
  it('is a WAV file that holds its text in UTF-8, for texts of odd and even length', () => {
    for (const text of [
      'Preciso de um relatório de vendas',
      'Preciso de um relatório de venda',
      'ção é três €',
    ]) {
      const wav = readWav(Buffer.from(wavOf(text)));
      expect(wav).toMatchObject({ comment: text });
    }
  });

  it('sounds like one second of an unbroken 200 Hz tone', () => {
    const bytes = Buffer.from(wavOf('duas palavras'));
    const at = bytes.indexOf('data') + 8;
    const samples = Array.from({ length: 8000 }, (_, index) => bytes.readInt16LE(at + index * 2));
    const expected = samples.map((_, index) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 200 * index) / 8000)),
    );
    // Past the first period the sine of a larger angle may round the other way.
    expect(
      Math.max(...samples.map((value, index) => Math.abs(value - (expected[index] ?? 0)))),
    ).toBeLessThanOrEqual(1);
    expect(at + 16_000).toBe(bytes.length);
  });
});
