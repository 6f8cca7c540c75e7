import { byKey } from './by-key.ts';

/**
 * One text for one value: keys sorted by code unit, no blanks, as RFC 8785 has it for the values of our
 * records. What JSON leaves out (undefined) is left out; the text of a value and that of the same value read
 * back from JSON are equal.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(byKey)
    .map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`);
  return `{${fields.join(',')}}`;
}
