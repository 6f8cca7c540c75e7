import { describe, expect, it } from 'vitest';
import { textOf } from '../../../scenarios/lib/corpus.ts';
import {
  textQualityProblem,
  understand,
} from '../../../systems/neural-hive-mind/stand-ins/src/gateway/nlu.ts';
import { chooser } from '../../fakes/chooser.ts';

describe('the corpus of the load scenarios', () => {
  it('is processed by the stand-in: every text, with confidence 0.5 or more, in all four domains', () => {
    const domains = new Set<string>();
    for (let seed = 0; seed < 2000; seed += 1) {
      const text = textOf(chooser(seed));
      expect(textQualityProblem(text)).toBeUndefined();
      const seen = understand(text);
      expect({ text, processed: seen.confidence >= 0.5 }).toEqual({ text, processed: true });
      domains.add(seen.domain);
    }
    expect([...domains].sort()).toEqual(['BUSINESS', 'INFRASTRUCTURE', 'SECURITY', 'TECHNICAL']);
  });
});
