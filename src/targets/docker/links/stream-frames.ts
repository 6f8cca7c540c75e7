/** Output of a command in a container: frames of stdout and stderr, each after eight bytes of type and length. */
import { notAnAnswer } from '../../../system/foreign-bytes.ts';

const HEADER = 8;
const STDERR = 2;

/** @throws ForeignBytes when it ends within a frame. */
export function framesOf(bytes: Buffer): { readonly stdout: string; readonly stderr: string } {
  const parts: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  for (let at = 0; at < bytes.length; ) {
    if (at + HEADER > bytes.length) throw notAnAnswer('Docker');
    const end = at + HEADER + bytes.readUInt32BE(at + 4);
    if (end > bytes.length) throw notAnAnswer('Docker');
    parts[bytes[at] === STDERR ? 'stderr' : 'stdout'].push(bytes.subarray(at + HEADER, end));
    at = end;
  }
  const text = (some: readonly Buffer[]): string => Buffer.concat(some).toString('utf8');
  return { stdout: text(parts.stdout), stderr: text(parts.stderr) };
}
