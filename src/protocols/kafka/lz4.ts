/**
 * LZ4, unpacked: the frame format. Checksums are skipped: TCP and Kafka's own have passed.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
 */
import { copyBack, notPacked } from './unpack.ts';

const MAGIC = 0x184d2204;
/** Bits of the frame's flags. */
const INDEPENDENT = 0x20;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;
const RAW = 0x80000000;

/** The largest block of a frame, by its code. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 2 ** 16, 5: 2 ** 18, 6: 2 ** 20, 7: 2 ** 22 };

export function lz4Frame(bytes: Buffer, most: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) throw notPacked('LZ4');
  const flags = bytes.readUInt8(4);
  const blockBytes = BLOCK_BYTES[(bytes.readUInt8(5) >> 4) & 7];
  if (blockBytes === undefined || flags & DICTIONARY) throw notPacked('LZ4');
  // Its own checksum is one byte.
  let at = 7 + (flags & CONTENT_SIZE ? 8 : 0);
  const after = flags & BLOCK_CHECKSUM ? 4 : 0;
  const blocks: Buffer[] = [];
  let left = most;
  for (;;) {
    if (bytes.length - at < 4) throw notPacked('LZ4');
    const word = bytes.readUInt32LE(at);
    if (word === 0) return Buffer.concat(blocks);
    const isRaw = word >= RAW;
    const size = isRaw ? word - RAW : word;
    at += 4;
    if (size > bytes.length - at) throw notPacked('LZ4');
    const packed = bytes.subarray(at, at + size);
    // Blocks that depend on each other copy from the ones before; no client of Kafka writes them.
    if (!isRaw && !(flags & INDEPENDENT) && blocks.length > 0) throw notPacked('LZ4 with independent blocks');
    const block = isRaw ? packed : lz4Block(packed, Math.min(blockBytes, left));
    left -= block.length;
    if (left < 0) throw notPacked('LZ4');
    blocks.push(block);
    at += size + after;
  }
}

function lz4Block(bytes: Buffer, most: number): Buffer {
  const out = Buffer.allocUnsafe(most);
  let [at, done] = [0, 0];
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw notPacked('LZ4');
    at += 1;
    return byte;
  };
  const long = (nibble: number): number => {
    let size = nibble;
    if (nibble === 15)
      for (let byte = 255; byte === 255; ) {
        byte = next();
        size += byte;
      }
    return size;
  };
  while (at < bytes.length) {
    const token = next();
    const literals = long(token >> 4);
    if (literals > bytes.length - at || literals > most - done) throw notPacked('LZ4');
    bytes.copy(out, done, at, at + literals);
    [at, done] = [at + literals, done + literals];
    // The last sequence has literals only.
    if (at === bytes.length) break;
    const distance = next() + next() * 256;
    done = copyBack(out, { done, distance, size: long(token & 15) + 4 }, 'LZ4');
  }
  return out.subarray(0, done);
}
