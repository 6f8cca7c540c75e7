/** Addresses as users write them: `host:port`, `http://host:port`, `redis://host:port`. */
import type { Parsed } from '../core/units.ts';

export const ADDRESS_EXPECTED = 'an address such as 127.0.0.1:9092';

/** Checks `host:port`, port from 1 to 65535, and returns it as it was written. */
export function parseAddress(value: unknown): Parsed<string> {
  const match = typeof value === 'string' ? /^[A-Za-z0-9._-]+:(\d{1,5})$/.exec(value) : null;
  const port = Number(match?.[1]);
  return typeof value === 'string' && port >= 1 && port <= 65_535
    ? { ok: true, value }
    : { ok: false, expected: ADDRESS_EXPECTED };
}

/**
 * Makes a parser of URLs with this scheme and nothing but host and port behind it: probes and load speak plain TCP and
 * send no credentials, so a URL that asks for more would be followed only in part.
 */
export function urlParser(
  scheme: 'http:' | 'redis:',
  examplePort: number,
): (value: unknown) => Parsed<string> {
  const expected = `a URL such as ${scheme}//127.0.0.1:${examplePort}, without user, password and path`;
  return (value) => {
    if (typeof value !== 'string' || !URL.canParse(value)) return { ok: false, expected };
    const url = new URL(value);
    const more = url.username + url.password + url.pathname.replace(/^\/$/, '') + url.search + url.hash;
    if (url.protocol !== scheme || url.hostname === '' || more !== '') return { ok: false, expected };
    return { ok: true, value: value.replace(/\/$/, '') };
  };
}
