import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, formatAddress, isLoopback, readAddress, readUrl } from '../../../src/core/address.ts';

const fixOf = (text: string): string => {
  const read = readAddress(text);
  return read.ok ? `read as ${formatAddress(read.address)}` : read.fix;
};
const fixOfUrl = (text: string): string => {
  const read = readUrl(text, 'http:', 80);
  return read.ok ? `read as ${formatAddress(read.address)}` : read.fix;
};
const names = fc.domain().map((name) => name.toLowerCase());
const hosts = fc.oneof(names, fc.ipV4(), fc.ipV6());
const ports = fc.integer({ min: 1, max: 65_535 });

describe('an address', () => {
  it('of IPv6 stands in brackets and is kept in its shortest form without them', () => {
    expect(readAddress('[::1]:9092')).toEqual({ ok: true, address: { host: '::1', port: 9092 } });
    expect(readAddress('[0:0:0:0:0:0:0:1]:1')).toEqual({ ok: true, address: { host: '::1', port: 1 } });
    expect(readUrl('http://[FD00::0A]:18103/', 'http:', 80)).toEqual({
      ok: true,
      address: { host: 'fd00::a', port: 18_103 },
    });
    expect(readUrl('redis://[::1]', 'redis:', 6379)).toEqual({
      ok: true,
      address: { host: '::1', port: 6379 },
    });
  });

  it.each([
    ['::1:9092', 'Put an IPv6 address in brackets, such as [::1]:9092.'],
    ['::1', 'Put an IPv6 address in brackets, such as [::1]:9092.'],
    ['[::1]', 'Add the port.'],
    ['localhost', 'Add the port.'],
    ['localhost:0', 'The port is a number from 1 to 65535.'],
    ['localhost:65536', 'The port is a number from 1 to 65535.'],
    ['localhost:http', 'The port is a number from 1 to 65535.'],
    ['localhost:', 'The port is a number from 1 to 65535.'],
    [
      '[fe80::1%eth0]:1',
      'An address with a zone (%) is valid on one link only: use a global or unique local address.',
    ],
    ['[localhost]:1', 'Brackets hold an IPv6 address, such as [::1].'],
    ['[1.2.3.4]:1', 'Brackets hold an IPv6 address, such as [::1].'],
    ['[::1::2]:1', 'Brackets hold an IPv6 address, such as [::1].'],
    ['[]:1', 'Brackets hold an IPv6 address, such as [::1].'],
    ['10.0.0.256:1', 'An IPv4 address has four numbers from 0 to 255.'],
    ['127.1:1', 'An IPv4 address has four numbers from 0 to 255.'],
    ['0x7f000001:1', 'An IPv4 address has four numbers from 0 to 255.'],
    ['a b:1', 'A host has letters, digits, dots, dashes and underscores.'],
    [':1', 'A host has letters, digits, dots, dashes and underscores.'],
    ['http://127.0.0.1:1', 'Remove the scheme.'],
  ])('%s is refused with the fix', (text, fix) => {
    expect(fixOf(text)).toBe(fix);
  });

  it.each([
    ['127.0.0.1:1', 'Begin it with http://.'],
    ['https://127.0.0.1:1', 'The scheme is http://.'],
    ['http://user:secret@127.0.0.1:1', 'Remove user and password.'],
    ['http://127.0.0.1:1/v1', 'Remove what follows host and port.'],
    ['http://127.0.0.1:1?a=1', 'Remove what follows host and port.'],
    ['http://::1', 'Put an IPv6 address in brackets, such as [::1]:9092.'],
    [
      'http://[fe80::1%25eth0]:1',
      'An address with a zone (%) is valid on one link only: use a global or unique local address.',
    ],
    ['http://127.0.0.1:0', 'The port is a number from 1 to 65535.'],
    ['http://', 'A host has letters, digits, dots, dashes and underscores.'],
  ])('in a URL %s is refused with the fix', (text, fix) => {
    expect(fixOfUrl(text)).toBe(fix);
  });

  it('is the same after it was written out, for every host and port', () => {
    fc.assert(
      fc.property(hosts, ports, (host, port) => {
        const written = formatAddress({ host, port });
        const once = addressOf(written);
        expect(addressOf(formatAddress(once))).toEqual(once);
        expect(addressOf(`http://${written}`, 80)).toEqual(once);
        expect(once.port).toBe(port);
        expect(once.host).not.toContain('[');
      }),
    );
  });

  it('never throws for any text when it is read, and never repeats it in the fix', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        for (const read of [
          readAddress(text),
          readUrl(text, 'http:', 80),
          readUrl(`http://${text}`, 'http:', 80),
        ]) {
          if (read.ok) expect(addressOf(formatAddress(read.address))).toEqual(read.address);
          else if (text.length > 12) expect(read.fix).not.toContain(text);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the loopback of this machine', () => {
  it.each(['127.0.0.1', '127.9.8.7', 'localhost', 'LOCALHOST.', 'db.localhost', '::1', '[::1]', '0:0::1'])(
    'is %s',
    (host) => expect(isLoopback(host)).toBe(true),
  );
  it.each(['::ffff:127.0.0.1', '::ffff:7f01:203', '0.0.0.0', '::'])('is also %s', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each([
    '10.0.0.1',
    '128.0.0.1',
    'localhost.example.org',
    'notlocalhost',
    '::2',
    '::ffff:10.0.0.1',
    '127.example.org',
    'fd00::1',
    '',
    '127.1',
  ])('is not %s', (host) => expect(isLoopback(host)).toBe(false));
});
