/** Names of services in our files, which may end in `*`. */

/** Of names: the one that is equal, or all that begin so. */
export const matching = (pattern: string, names: readonly string[]): readonly string[] =>
  pattern.endsWith('*')
    ? names.filter((name) => name.startsWith(pattern.slice(0, -1)))
    : names.filter((name) => name === pattern);
