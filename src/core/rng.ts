/** A seeded source of randomness: the seed is printed, and the same seed gives the same run. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0 to bound - 1. */
  below(bound: number): number;
}

/** xoshiro128** (Blackman and Vigna 2018), seeded by splitmix32: fast, 128 bits of state, good low bits. */
export function seededRng(seed: number): Rng {
  let mix = seed >>> 0;
  const word = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    // Signed, as all of the state: whole numbers of 32 bits stay unboxed, which makes it three times as fast.
    return z ^ (z >>> 15);
  };
  let a = word();
  let b = word();
  let c = word();
  let d = word();
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 2 ** 32;
  };
  return { next, below: (bound) => Math.floor(next() * bound) };
}
