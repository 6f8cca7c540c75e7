/**
 * Byte-level reading of the numbers and words in k6's CSV rows; creates strings only for values that are
 * kept.
 */

export const NEWLINE = 10;
export const COMMA = 44;
export const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const DOT = 46;
const MINUS = 45;

/**
 * Reads digits in `[from, to)` as a whole number; NaN for an empty range or any other character. Exact below
 * 2^53.
 */
export function readWhole(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to) return Number.NaN;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}

/** Reads what Go's `%f` writes: `-12.345678`. NaN for everything else (`NaN`, `+Inf`). */
export function readDecimal(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === MINUS;
  const start = negative ? from + 1 : from;
  let dot = start;
  while (dot < to && bytes[dot] !== DOT) dot += 1;
  const whole = readWhole(bytes, start, dot);
  if (dot >= to) return negative ? -whole : whole;
  const value = whole + readWhole(bytes, dot + 1, to) / 10 ** (to - dot - 1);
  return negative ? -value : value;
}

/**
 * Recurring names (executors, outcomes), recognised by their bytes: each string is created once. Bounded, so
 * that a script with unlimited words cannot grow it: past the bound each string is created anew.
 */
export class Names {
  readonly #known: { readonly bytes: Uint8Array; readonly name: string }[] = [];

  read(bytes: Buffer, from: number, to: number): string {
    for (const one of this.#known) {
      if (one.bytes.length === to - from && startsAt(bytes, from, one.bytes)) return one.name;
    }
    const name = bytes.toString('utf8', from, to);
    if (this.#known.length < 64) this.#known.push({ bytes: Uint8Array.from(bytes.subarray(from, to)), name });
    return name;
  }
}

export function startsAt(bytes: Uint8Array, from: number, what: Uint8Array): boolean {
  for (let at = 0; at < what.length; at += 1) if (bytes[from + at] !== what[at]) return false;
  return true;
}

/** Where `what` begins in `[from, to)`, or -1. For short needles in short fields. */
export function findIn(bytes: Uint8Array, from: number, to: number, what: Uint8Array): number {
  for (let at = from; at + what.length <= to; at += 1) if (startsAt(bytes, at, what)) return at;
  return -1;
}
