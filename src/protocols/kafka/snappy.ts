/**
 * Snappy, unpacked: the raw format, and the blocks with a head in which Kafka's Java clients write it.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
import { copyBack, notPacked } from './unpack.ts';

/** `\x82SNAPPY\0`, a version and the lowest compatible version; then blocks, each after its length. */
const HEAD = Buffer.from('82534e4150505900', 'hex');
const HEAD_BYTES = 16;

export function snappy(bytes: Buffer, most: number): Buffer {
  if (!bytes.subarray(0, HEAD.length).equals(HEAD)) return raw(bytes, most);
  const blocks: Buffer[] = [];
  let left = most;
  for (let at = HEAD_BYTES; at < bytes.length; ) {
    if (bytes.length - at < 4) throw notPacked('Snappy');
    const size = bytes.readInt32BE(at);
    if (size < 0 || size > bytes.length - at - 4) throw notPacked('Snappy');
    const block = raw(bytes.subarray(at + 4, at + 4 + size), left);
    left -= block.length;
    blocks.push(block);
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

function raw(bytes: Buffer, most: number): Buffer {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw notPacked('Snappy');
    at += 1;
    return byte;
  };
  const little = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1) value += next() * 256 ** index;
    return value;
  };
  let length = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = next();
    length += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
    if (factor > 2 ** 28) throw notPacked('Snappy');
  }
  if (length > most) throw notPacked('Snappy');
  const out = Buffer.allocUnsafe(length);
  let done = 0;
  while (at < bytes.length) {
    const tag = next();
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const size = (short < 60 ? short : little(short - 59)) + 1;
      if (size > bytes.length - at || size > length - done) throw notPacked('Snappy');
      bytes.copy(out, done, at, at + size);
      [at, done] = [at + size, done + size];
      continue;
    }
    const size = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const distance = kind === 1 ? ((tag >> 5) << 8) + next() : little(kind === 2 ? 2 : 4);
    done = copyBack(out, { done, distance, size }, 'Snappy');
  }
  if (done !== length) throw notPacked('Snappy');
  return out;
}
