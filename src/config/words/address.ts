/** Addresses: `host:port`, URLs without path, and blocks of addresses. */
import { isIP } from 'node:net';
import { formatAddress, readAddress, readUrl } from '../../core/address.ts';
import { type Word, word } from './word.ts';

const ADDRESS_EXPECTED = 'an address such as 127.0.0.1:9092 or [::1]:9092';

/** Kept in one form: two spellings of one address get the same lock. */
export const address = word<string>({
  id: 'address',
  description: 'host:port; an IPv6 address in brackets',
  examples: ['127.0.0.1:9092', '[::1]:9092'],
  expected: ADDRESS_EXPECTED,
  pattern: /^(\[[^\]]+\]|[^:[\]/]+):\d{1,5}$/,
  read(text) {
    const read = readAddress(text);
    return read.ok
      ? { ok: true, value: formatAddress(read.address) }
      : { ok: false, expected: ADDRESS_EXPECTED, next: read.fix };
  },
  write: (text) => text,
});

/**
 * Plain, or with an s for TLS. A URL may be refused because of the password in it, so the message does not
 * repeat it.
 */
function url(
  scheme: 'http' | 'redis',
  ports: { readonly plain: number; readonly tls: number },
  examplePort: number,
): Word<string> {
  const example = `${scheme}://127.0.0.1:${examplePort}`;
  const expected = `a URL such as ${example}, without user, password and path`;
  return word<string>({
    description: `${scheme}://host:port or ${scheme}s://host:port, without user, password and path`,
    examples: [example],
    expected,
    pattern: new RegExp(`^${scheme}s?://[^/?#@]+/?$`),
    isSecret: true,
    read(text) {
      const own = text.toLowerCase().startsWith(`${scheme}s:`) ? `${scheme}s` : scheme;
      const read = readUrl(text, `${own}:`, own === scheme ? ports.plain : ports.tls);
      if (!read.ok) return { ok: false, expected, next: read.fix };
      return { ok: true, value: `${own}://${formatAddress(read.address)}` };
    },
    write: (text) => text,
  });
}

export const httpUrl = url('http', { plain: 80, tls: 443 }, 8000);
export const redisUrl = url('redis', { plain: 6379, tls: 6379 }, 6379);

const CIDR_EXPECTED = 'addresses as pods see them, such as 10.20.0.7/32';

/** 0 bits would match every address, and a cut of the probes would then cut off the pod. */
export const cidr = word<string>({
  id: 'cidr',
  description: 'addresses as pods see them, with at least 8 bits',
  examples: ['10.20.0.7/32'],
  expected: CIDR_EXPECTED,
  pattern: /^[0-9a-fA-F.:]+\/([89]|[1-9]\d\d?)$/,
  read(text) {
    const [, host = '', bits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
    const version = isIP(host);
    const fits = version !== 0 && Number(bits) >= 8 && Number(bits) <= (version === 4 ? 32 : 128);
    return fits ? { ok: true, value: text } : { ok: false, expected: CIDR_EXPECTED };
  },
  write: (text) => text,
});
