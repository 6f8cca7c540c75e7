/**
 * Text within a server's limit: only whole lines, short parts whole, and as much of each long part as fits,
 * with a sentence that counts the missing lines.
 */

export interface Part {
  /** The first lines are kept first. */
  readonly lines: readonly string[];
  /** Closes what the lines opened, so it is always kept. */
  readonly end?: readonly string[];
}

/** Characters, as GitHub counts a comment. */
export const characters = (text: string): number => text.length;
/** Bytes of UTF-8, as GitHub counts a summary. */
export const bytes = (text: string): number => new TextEncoder().encode(text).length;

const cutNote = (missing: number): string => `_${missing} more lines are in the run's own report._`;
/** For any number of lines that may be missing. */
const NOTE_ROOM = cutNote(Number.MAX_SAFE_INTEGER).length + 2;

/** @param limit of the whole text; it ends with a line break. */
export function fitParts(parts: readonly Part[], limit: number, sizeOf: (text: string) => number): string {
  const sizeOfLines = (lines: readonly string[]): number =>
    lines.reduce((sum, line) => sum + sizeOf(line) + 1, 0);
  const sizes = parts.map(({ lines, end = [] }) => sizeOfLines(lines) + sizeOfLines(end));
  const allowed = shares(sizes, limit);
  const kept = parts.flatMap(({ lines, end = [] }, index) => {
    const room = allowed[index] ?? 0;
    if ((sizes[index] ?? 0) <= room) return [...lines, ...end];
    const forLines = room - sizeOfLines(end) - NOTE_ROOM;
    let used = 0;
    const fitting = lines.findIndex((line) => {
      used += sizeOf(line) + 1;
      return used > forLines;
    });
    const whole = fitting < 0 ? lines.length : fitting;
    return [...lines.slice(0, whole), '', cutNote(lines.length - whole), ...end];
  });
  return `${kept.join('\n')}\n`;
}

/** A part that needs less than an even share leaves the rest to the others. */
function shares(sizes: readonly number[], limit: number): readonly number[] {
  const allowed = new Array<number>(sizes.length).fill(0);
  const bySize = sizes.map((size, index) => ({ size, index })).sort((a, b) => a.size - b.size);
  let left = limit;
  for (const [done, { size, index }] of bySize.entries()) {
    const share = Math.floor(left / (bySize.length - done));
    allowed[index] = Math.min(size, share);
    left -= Math.min(size, share);
  }
  return allowed;
}
