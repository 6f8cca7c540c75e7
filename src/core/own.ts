/**
 * What a record itself has under a name that a user wrote: `constructor` is not a service of every target.
 */
export const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
