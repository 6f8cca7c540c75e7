/** Deterministic choices: the same seed, executor, VU and iteration choose the same identity and text. */

/** A 32-bit hash of a text (FNV-1a), finished with murmur3's mixer so that neighbours differ in every bit. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

export interface Chooser {
  /** One item of the list; each call chooses again. */
  pick<T>(list: readonly T[]): T;
  below(bound: number): number;
}

export function chooser(key: string): Chooser {
  let draw = 0;
  const below = (bound: number): number => {
    draw += 1;
    return Math.floor((hash(`${key}/${draw}`) / 2 ** 32) * bound);
  };
  return {
    below,
    pick(list) {
      const chosen = list[below(list.length)];
      if (chosen === undefined) throw new Error('cannot choose from an empty list');
      return chosen;
    },
  };
}
