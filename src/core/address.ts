/**
 * The one parser of network addresses. Addresses from users and peers (target files, Redis' own replies,
 * bootstrap lists) are all parsed here, so that IPv6 either works everywhere or is refused when read.
 * Written: `host:port`, `[IPv6]:port`, `scheme://host[:port]`. Kept: host without brackets (as sockets take
 * it) and port.
 */

export interface Address {
  /** A name, an IPv4 address, or an IPv6 address in its shortest form and without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** `fix` is what to write instead. It never repeats the text, which may contain a password. */
export type ReadAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly fix: string };

const no = (fix: string): ReadAddress => ({ ok: false, fix });

/** Parses `host:port` or `[IPv6]:port`. The port is required. */
export function readAddress(text: string): ReadAddress {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text);
  if (!match) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return no('Remove the scheme.');
    if ((text.match(/:/g)?.length ?? 0) > 1 && !text.includes('['))
      return no('Put an IPv6 address in brackets, such as [::1]:9092.');
    return no('The port is a number from 1 to 65535.');
  }
  const [, six, other = '', digits] = match;
  const host = six === undefined ? canonicalName(other) : canonicalIPv6(six);
  if (!host.ok) return no(host.fix);
  if (digits === undefined) return no('Add the port.');
  const port = Number(digits);
  if (port < 1 || port > 65_535) return no('The port is a number from 1 to 65535.');
  return { ok: true, address: { host: host.value, port } };
}

/**
 * Parses `scheme://host[:port]` with nothing after it. Probes and load send no credentials and have their own
 * paths, so a URL with either could be followed only in part.
 * @param scheme such as `http:`. @param standardPort the port of a URL without one.
 */
export function readUrl(text: string, scheme: string, standardPort: number): ReadAddress {
  const match = /^([a-z][a-z0-9+.-]*:)\/\/([^/?#]*)(.*)$/i.exec(text);
  if (!match) return no(`Begin it with ${scheme}//.`);
  const [, found = '', authority = '', rest = ''] = match;
  if (found.toLowerCase() !== scheme) return no(`The scheme is ${scheme}//.`);
  if (authority.includes('@')) return no('Remove user and password.');
  if (rest !== '' && rest !== '/') return no('Remove what follows host and port.');
  const bare = authority.replace(/:$/, '');
  return readAddress(/:\d+$/.test(bare.replace(/^\[[^\]]*\]/, '')) ? bare : `${bare}:${standardPort}`);
}

/** `[::1]:9092`, `127.0.0.1:9092`: the form that all our clients take. */
export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * Host and port of an address that was accepted earlier (target file, topology): `host:port` or a URL.
 * @param standardPort for a URL without one. @throws TypeError for any other text: it should have been
 * refused when read.
 */
export function addressOf(written: string, standardPort = 0): Address {
  const scheme = /^[a-z][a-z0-9+.-]*:(?=\/\/)/i.exec(written)?.[0];
  const read =
    scheme === undefined ? readAddress(written) : readUrl(written, scheme.toLowerCase(), standardPort);
  if (read.ok) return read.address;
  throw new TypeError(`not an address: ${read.fix}`);
}

/**
 * Whether a host is this machine's own: `localhost` and names below it, 127.0.0.0/8, ::1, the same mapped
 * into IPv6, and the unspecified addresses, which Linux dials as loopback. Any other name is not, whatever it
 * resolves to: a name can change.
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (!bare.includes(':')) {
    const name = canonicalName(bare);
    return name.ok && /^(?:(?:.*\.)?localhost\.?|127(?:\.\d+){3}|0\.0\.0\.0)$/.test(name.value);
  }
  const six = canonicalIPv6(bare);
  return six.ok && /^(?:::|::1|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}|::ffff:0:0)$/.test(six.value);
}

type Host = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly fix: string };

/** URL produces the shortest form of RFC 5952, so that two spellings of one address get the same lock. */
function canonicalIPv6(text: string): Host {
  if (text.includes('%')) {
    const fix = 'An address with a zone (%) is valid on one link only: use a global or unique local address.';
    return { ok: false, fix };
  }
  const url = `http://[${text}]/`;
  if (!text.includes(':') || !URL.canParse(url)) {
    return { ok: false, fix: 'Brackets hold an IPv6 address, such as [::1].' };
  }
  return { ok: true, value: new URL(url).hostname.slice(1, -1) };
}

/**
 * A name or an IPv4 address. Text that only resembles an IPv4 address (127.1, 10.0.0.256) is refused, because
 * clients interpret it differently.
 */
function canonicalName(text: string): Host {
  if (!/^[A-Za-z0-9._-]+$/.test(text) || text.length > 253) {
    return { ok: false, fix: 'A host has letters, digits, dots, dashes and underscores.' };
  }
  const numeric = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i.test(text);
  if (!numeric) return { ok: true, value: text.toLowerCase() };
  const url = `http://${text}/`;
  if (URL.canParse(url) && new URL(url).hostname === text) return { ok: true, value: text };
  return { ok: false, fix: 'An IPv4 address has four numbers from 0 to 255.' };
}
