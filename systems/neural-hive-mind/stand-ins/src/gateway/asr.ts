/**
 * Speech recognition of the stand-in: the real limits and delays around a transcription that is read from the
 * file (wav.ts). Its confidence is a constant, because nothing is guessed. A file that is not WAV fails, as
 * its conversion fails in the real gateway.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readWav, type WavFile } from './wav.ts';

export interface AsrOptions {
  /** asr_max_concurrent_jobs. */
  readonly maxConcurrentJobs: number;
  /** Seconds of delay per second of sound, in place of work. */
  readonly realTimeFactor: number;
}

export interface Transcription {
  readonly text: string;
  readonly confidence: number;
}

/** The real gateway answers these with 500: a ValueError or a RuntimeError without a handler. */
export class AsrError extends Error {
  override readonly name = 'AsrError';
}

const CONFIDENCE = 0.95;
const LARGEST_BYTES = 50 * 1024 * 1024;

export class Asr {
  readonly #options: AsrOptions;
  #jobs = 0;

  constructor(options: AsrOptions) {
    this.#options = options;
  }

  /** @throws AsrError when the file breaks a limit or too many jobs run. */
  async transcribe(audio: Buffer): Promise<Transcription> {
    if (this.#jobs >= this.#options.maxConcurrentJobs) {
      throw new AsrError(`Limite de ${this.#options.maxConcurrentJobs} transcrições simultâneas atingido`);
    }
    this.#jobs += 1;
    try {
      const wav = checked(audio);
      await sleep(wav.durationSeconds * 1000 * this.#options.realTimeFactor);
      return { text: wav.comment, confidence: CONFIDENCE };
    } finally {
      this.#jobs -= 1;
    }
  }
}

function checked(audio: Buffer): WavFile {
  if (audio.length > LARGEST_BYTES) throw new AsrError('Arquivo de áudio maior que 50 MB');
  let wav: WavFile;
  try {
    wav = readWav(audio);
  } catch (error) {
    throw new AsrError('Erro convertendo áudio para WAV', { cause: error });
  }
  if (wav.durationSeconds < 0.1) throw new AsrError('Áudio muito curto: mínimo de 0.1 s');
  if (wav.durationSeconds > 300) throw new AsrError('Áudio muito longo: máximo de 300 s');
  if (wav.sampleRateHz < 8000) throw new AsrError('Taxa de amostragem abaixo de 8000 Hz');
  return wav;
}
