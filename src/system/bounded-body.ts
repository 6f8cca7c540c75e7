/** The whole body of a message, up to a cap: an endless body is an error and cannot fill the memory. */
import { ForeignBytes } from './foreign-bytes.ts';

/**
 * @param stream of bytes, without an encoding. @param most bytes. @throws ForeignBytes above the cap (the
 * stream is then destroyed), or the stream's own error when it ends early.
 */
export async function readBody(stream: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    // Leaving the loop destroys the stream.
    if (size > most) throw new ForeignBytes(`more than ${most.toLocaleString('en')} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
