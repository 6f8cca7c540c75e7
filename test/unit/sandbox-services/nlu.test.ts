import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  textQualityProblem,
  understand,
} from '../../../systems/neural-hive-mind/stand-ins/src/gateway/nlu.ts';

describe('language understanding', () => {
  it.each([
    ['lorem ipsum dolor', 'TECHNICAL', 0.2, 'low'],
    ['some problem', 'TECHNICAL', 0.433, 'low'],
    ['novo negócio aqui', 'BUSINESS', 0.717, 'medium'],
    ['gerar relatório mensal', 'BUSINESS', 0.95, 'high'],
    ['implementar api nova', 'TECHNICAL', 0.95, 'high'],
    ['configurar autenticação agora', 'SECURITY', 0.95, 'high'],
    ['escalar cluster hoje', 'INFRASTRUCTURE', 0.95, 'high'],
  ])('scores the probe text "%s" as documented', (text, domain, confidence, status) => {
    const seen = understand(text);
    expect(seen.domain).toBe(domain);
    expect(seen.confidence).toBeCloseTo(confidence, 3);
    expect(seen.confidenceStatus).toBe(status);
  });

  it('classifies what nothing matches as general', () => {
    expect(understand('lorem ipsum dolor')).toMatchObject({ classification: 'general', keywords: [] });
  });

  it('lifts a long text by 0.05', () => {
    const short = understand('novo negócio aqui').confidence;
    const long = understand(`novo negócio aqui ${'lorem '.repeat(8)}`).confidence;
    expect(long - short).toBeCloseTo(0.05, 6);
  });

  it('stays between 0.2 and 0.95 and gives the same answer twice, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const seen = understand(text);
        expect(seen.confidence).toBeGreaterThanOrEqual(0.2);
        expect(seen.confidence).toBeLessThanOrEqual(0.95);
        expect(understand(text)).toEqual(seen);
      }),
    );
  });

  it('refuses texts below three characters or two words, and nothing else', () => {
    expect(textQualityProblem('oi')).toBe('Texto muito curto: mínimo de 3 caracteres');
    expect(textQualityProblem('palavra')).toBe('Texto inválido: mínimo de 2 palavras');
    // With two words these pass, as seen on the running gateway (correction 1).
    for (const text of ['123 456', '!!! ???', 'aaaa aaaa']) expect(textQualityProblem(text)).toBeUndefined();
  });
});
