import { describe, expect, it } from 'vitest';
import { refuseTls } from '../../../../../src/chaos/faults/requests/refuse-tls.ts';

const topology = (tls: boolean) => ({
  services: [
    {
      name: 'web',
      endpoints: [
        {
          protocol: 'http',
          at: [{ address: 'https://h:1', ...(tls && { access: { tls: {} } }) }],
          asks: {},
          proto: null,
        },
      ],
    },
  ],
});

describe('a fault on requests', () => {
  it('is refused on a service that is entered by TLS, with what works in its place', () => {
    expect(() => refuseTls('http-fault', 'web', 'http', topology(true))).toThrow(
      'http-fault on web: expected links with plain requests, which the proxy can read, got TLS: it passes the bytes on and sees no request in them. Use cut-link, slow-link or reset-link,',
    );
  });

  it('is not refused for a plain address, another protocol, or without an address', () => {
    refuseTls('http-fault', 'web', 'http', topology(false));
    refuseTls('grpc-fault', 'web', 'grpc', topology(true));
    refuseTls('http-fault', 'orders', 'http', topology(true));
  });
});
