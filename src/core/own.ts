/**
 * A record's own value under a name that a user wrote. Inherited ones do not count: `constructor` is not a
 * service of every target.
 */
export const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
