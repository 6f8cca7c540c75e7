/** Addresses as users write them in a target file, as parsers that name the rule and the fix. */
import { formatAddress, readAddress, readUrl } from '../core/address.ts';
import type { Parsed } from '../core/units.ts';

export const ADDRESS_EXPECTED = 'an address such as 127.0.0.1:9092 or [::1]:9092';

/** What an address that is kept looks like everywhere: two ways to write it meet at one lock. */
export function parseAddress(value: unknown): Parsed<string> {
  if (typeof value !== 'string') return { ok: false, expected: ADDRESS_EXPECTED };
  const read = readAddress(value);
  return read.ok
    ? { ok: true, value: formatAddress(read.address) }
    : { ok: false, expected: ADDRESS_EXPECTED, next: read.fix };
}

/** Makes a parser of URLs with this scheme and nothing but host and port behind it. */
export function urlParser(
  scheme: 'http:' | 'redis:',
  examplePort: number,
): (value: unknown) => Parsed<string> {
  const expected = `a URL such as ${scheme}//127.0.0.1:${examplePort}, without user, password and path`;
  const standardPort = scheme === 'http:' ? 80 : 6379;
  return (value) => {
    if (typeof value !== 'string') return { ok: false, expected };
    const read = readUrl(value, scheme, standardPort);
    if (!read.ok) return { ok: false, expected, next: read.fix };
    return { ok: true, value: `${scheme}//${formatAddress(read.address)}` };
  };
}
