/** What the unpackers of Snappy and LZ4 share. */

export const notPacked = (codec: string): Error => new Error(`not ${codec}`);

export interface Copy {
  /** How much is unpacked so far. */
  readonly done: number;
  /** How far back the copy starts. */
  readonly distance: number;
  readonly size: number;
}

/** Repeats what is there already; it may overlap itself, so that a run of one byte is a copy. */
export function copyBack(out: Buffer, { done, distance, size }: Copy, codec: string): number {
  if (distance < 1 || distance > done || size > out.length - done) throw notPacked(codec);
  const from = done - distance;
  if (distance >= size) out.copyWithin(done, from, from + size);
  else for (let index = 0; index < size; index += 1) out[done + index] = out[from + index] ?? 0;
  return done + size;
}
