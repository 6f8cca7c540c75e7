/** Addresses as users write them: `host:port`, `http://host:port`, `redis://host:port`. */
import type { Parsed } from '../core/units.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export const ADDRESS_EXPECTED = 'an address such as 127.0.0.1:9092';

/** Parses `host:port`, with `[::1]:9092` for IPv6. */
export function parseAddress(raw: unknown): Parsed<Address> {
  const match =
    typeof raw === 'string' ? /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(raw) : null;
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) return { ok: false, expected: ADDRESS_EXPECTED };
  return { ok: true, value: { host, port } };
}

/** The host and port of a URL whose scheme has a default port; a URL has been checked before it comes here. */
export function addressOfUrl(url: string): Address {
  const { hostname, port, protocol } = new URL(url);
  const byScheme: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'redis:': 6379 };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (byScheme[protocol] ?? 0) : Number(port),
  };
}
