/**
 * The codecs of record batches. Gzip is Node's; Snappy and LZ4 are formats of a page each, whose packages are
 * native code or unmaintained (docs/decisions/067). Zstandard is Node's from 22.15 on.
 */
import * as zlib from 'node:zlib';
import { lz4Frame } from './lz4.ts';
import { snappy } from './snappy.ts';

/** Larger batches are refused by brokers long before: theirs is 1 MiB. */
export const MOST_UNPACKED = 256 * 1024 * 1024;

export class UnknownCodec extends Error {}

/** @throws UnknownCodec for one that this program cannot read; an Error when the bytes are not of the codec. */
export function decompressed(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case 0:
      return bytes;
    case 1:
      return zlib.gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED });
    case 2:
      return snappy(bytes, MOST_UNPACKED);
    case 3:
      return lz4Frame(bytes, MOST_UNPACKED);
    case 4:
      return zstandard(bytes);
    default:
      throw new UnknownCodec(`records are compressed by codec ${codec}, which is not known`);
  }
}

function zstandard(bytes: Buffer): Buffer {
  const { zstdDecompressSync: unpack } = zlib as {
    readonly zstdDecompressSync?: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;
  };
  if (unpack === undefined) {
    const why = 'records are compressed by Zstandard, which Node reads from 22.15 on';
    throw new UnknownCodec(`${why}; this is Node ${process.versions.node}`);
  }
  return unpack(bytes, { maxOutputLength: MOST_UNPACKED });
}
