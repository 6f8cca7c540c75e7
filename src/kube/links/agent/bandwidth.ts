/** Bandwidths for people. */

/** `256kbit/s`; bits per second. */
export function formatBandwidth(bits: number): string {
  for (const [unit, size] of [
    ['Gbit', 1e9],
    ['Mbit', 1e6],
    ['kbit', 1e3],
  ] as const) {
    if (bits >= size) return `${Number((bits / size).toPrecision(3))}${unit}/s`;
  }
  return `${bits}bit/s`;
}
