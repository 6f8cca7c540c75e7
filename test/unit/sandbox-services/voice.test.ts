import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Asr } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/asr.ts';
import { readWav } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/wav.ts';
import { wavFile } from './voice-file.ts';

const asr = (maxConcurrentJobs = 5) => new Asr({ maxConcurrentJobs, realTimeFactor: 0 });

describe('a WAV file', () => {
  it('is heard as the words in its comment, whatever they are', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(words, (text) => {
        expect(readWav(wavFile({ words: text, seconds: 0.2 })).comment).toBe(text.trim());
      }),
    );
  });

  it('has the length of its sound data', () => {
    expect(readWav(wavFile({ seconds: 2.5, sampleRateHz: 8000 }))).toEqual({
      sampleRateHz: 8000,
      durationSeconds: 2.5,
      comment: '',
    });
  });

  it('is distinguished from other bytes, and never read beyond its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (noise, cut) => {
        expect(() => readWav(Buffer.from(noise))).toThrow('not a RIFF WAVE file');
        try {
          readWav(wavFile({ words: 'olá mundo', seconds: 0.01 }).subarray(0, cut));
        } catch (error) {
          expect((error as Error).message).toMatch(/not a RIFF WAVE file|without fmt or data/);
        }
      }),
    );
  });
});

describe('speech recognition', () => {
  it('gives the words and a confidence', async () => {
    const heard = await asr().transcribe(wavFile({ words: 'gerar relatório de vendas' }));
    expect(heard).toEqual({ text: 'gerar relatório de vendas', confidence: 0.95 });
  });

  it.each([
    [wavFile({ seconds: 0.05 }), 'Áudio muito curto: mínimo de 0.1 s'],
    [wavFile({ seconds: 301, sampleRateHz: 8000 }), 'Áudio muito longo: máximo de 300 s'],
    [wavFile({ sampleRateHz: 4000 }), 'Taxa de amostragem abaixo de 8000 Hz'],
    [Buffer.from('ID3 this is an mp3'), 'Erro convertendo áudio para WAV'],
    [Buffer.alloc(50 * 1024 * 1024 + 1), 'Arquivo de áudio maior que 50 MB'],
  ])('refuses what breaks a limit (case %#)', async (bytes, message) => {
    await expect(asr().transcribe(bytes)).rejects.toThrow(message);
  });

  it('refuses the job above its cap, and takes jobs again when one has ended', async () => {
    const recogniser = asr(2);
    const file = wavFile({ words: 'duas palavras' });
    const running = [recogniser.transcribe(file), recogniser.transcribe(file)];
    await expect(recogniser.transcribe(file)).rejects.toThrow(
      'Limite de 2 transcrições simultâneas atingido',
    );
    await Promise.all(running);
    await expect(recogniser.transcribe(file)).resolves.toMatchObject({ text: 'duas palavras' });
  });
});
