/**
 * Reads a RIFF WAVE file: format, length of sound, and the comment (LIST/INFO/ICMT, UTF-8).
 *
 * The comment replaces speech recognition: the file itself contains the words of its recording. So a
 * transcription is a function of the received bytes, and a file without a comment counts as silence.
 */
export interface WavFile {
  readonly sampleRateHz: number;
  readonly durationSeconds: number;
  readonly comment: string;
}

/** @throws Error that names the problem of the bytes. */
export function readWav(bytes: Buffer): WavFile {
  if (bytes.length < 12 || ascii(bytes, 0) !== 'RIFF' || ascii(bytes, 8) !== 'WAVE') {
    throw new Error('not a RIFF WAVE file');
  }
  let sampleRateHz = 0;
  let bytesPerSecond = 0;
  let dataBytes: number | undefined;
  let comment = '';
  for (const chunk of chunksOf(bytes, 12, bytes.length)) {
    if (chunk.id === 'fmt ' && chunk.size >= 16) {
      sampleRateHz = bytes.readUInt32LE(chunk.from + 4);
      bytesPerSecond = bytes.readUInt32LE(chunk.from + 8);
    }
    if (chunk.id === 'data') dataBytes = chunk.size;
    if (chunk.id === 'LIST' && chunk.size >= 4 && ascii(bytes, chunk.from) === 'INFO') {
      comment = commentIn(bytes, chunk.from + 4, chunk.from + chunk.size) ?? comment;
    }
  }
  if (bytesPerSecond === 0 || dataBytes === undefined) throw new Error('a WAVE file without fmt or data');
  return { sampleRateHz, durationSeconds: dataBytes / bytesPerSecond, comment };
}

function commentIn(bytes: Buffer, from: number, to: number): string | undefined {
  for (const chunk of chunksOf(bytes, from, to)) {
    if (chunk.id !== 'ICMT') continue;
    const text = bytes.toString('utf8', chunk.from, chunk.from + chunk.size);
    const end = text.indexOf('\0');
    return (end < 0 ? text : text.slice(0, end)).trim();
  }
  return undefined;
}

interface Chunk {
  readonly id: string;
  readonly from: number;
  readonly size: number;
}

function* chunksOf(bytes: Buffer, from: number, to: number): Generator<Chunk> {
  let at = from;
  while (at + 8 <= to) {
    // A size beyond the end (a truncated upload) is reduced to the received bytes.
    const size = Math.min(bytes.readUInt32LE(at + 4), to - at - 8);
    yield { id: ascii(bytes, at), from: at + 8, size };
    at += 8 + size + (size % 2);
  }
}

const ascii = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 4);
