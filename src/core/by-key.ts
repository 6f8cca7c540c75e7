/** Order of entries by their key, by code unit: the same on every machine, whatever its language. */
export const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
