/**
 * A small, real WAV file: one second of a tone at 8 kHz, 16 bit, mono. The spoken text is in the file's
 * comment (LIST/INFO/ICMT, UTF-8), which the sandbox's recogniser reads; a real one hears a tone and answers
 * 400.
 */
const RATE_HZ = 8000;
/**
 * A divisor of the rate, so that one period can be copied: computing each sample costs a VU 8 ms more CPU per
 * recording (measured).
 */
const TONE_HZ = 200;
const PERIOD_BYTES = (RATE_HZ / TONE_HZ) * 2;

export function wavOf(text: string): ArrayBuffer {
  const words = utf8(text);
  const comment = words.length + 1;
  const padded = comment + (comment % 2);
  const list = 4 + 8 + padded;
  const sound = RATE_HZ * 2;
  const bytes = new DataView(new ArrayBuffer(12 + 24 + 8 + list + 8 + sound));
  let at = 0;
  const ascii = (word: string): void => {
    for (const letter of word) bytes.setUint8(at++, letter.charCodeAt(0));
  };
  const uint32 = (value: number): void => {
    bytes.setUint32(at, value, true);
    at += 4;
  };
  const uint16 = (value: number): void => {
    bytes.setUint16(at, value, true);
    at += 2;
  };
  ascii('RIFF');
  uint32(bytes.byteLength - 8);
  ascii('WAVEfmt ');
  uint32(16);
  uint16(1);
  uint16(1);
  uint32(RATE_HZ);
  uint32(RATE_HZ * 2);
  uint16(2);
  uint16(16);
  ascii('LIST');
  uint32(list);
  ascii('INFOICMT');
  uint32(comment);
  for (const byte of words) bytes.setUint8(at++, byte);
  at += padded - words.length;
  ascii('data');
  uint32(sound);
  for (let sample = 0; sample * 2 < PERIOD_BYTES; sample += 1) {
    const height = Math.round(8000 * Math.sin((2 * Math.PI * TONE_HZ * sample) / RATE_HZ));
    bytes.setInt16(at + sample * 2, height, true);
  }
  const all = new Uint8Array(bytes.buffer);
  for (let done = PERIOD_BYTES; done < sound; done *= 2) {
    all.copyWithin(at + done, at, at + Math.min(done, sound - done));
  }
  return bytes.buffer;
}

/** k6 2.2 scripts have no TextEncoder; percent-encoding is UTF-8 too. */
function utf8(text: string): number[] {
  const encoded = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at += 1) {
    if (encoded[at] === '%') {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(encoded.charCodeAt(at));
  }
  return bytes;
}
