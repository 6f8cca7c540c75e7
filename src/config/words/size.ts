/** Sizes: bandwidths such as `256kbit`. */
import { BANDWIDTH_EXPECTED, type BitsPerSecond, parseBandwidth } from '../../core/units.ts';
import { word } from './word.ts';

export const bandwidth = word<BitsPerSecond>({
  id: 'bandwidth',
  description: 'a bandwidth in bit, kbit, mbit or gbit per second, of 1000 each',
  examples: ['256kbit', '1mbit'],
  expected: BANDWIDTH_EXPECTED,
  pattern: /^\s*\d+(\.\d+)?\s*(bit|kbit|mbit|gbit)(\/s)?\s*$/,
  read: parseBandwidth,
  write: (value) => `${value}bit`,
});
