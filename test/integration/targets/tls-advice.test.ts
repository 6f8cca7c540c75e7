/** What is said of a server that speaks TLS behind a plain address, and the other way round. */
import { createServer as createWeb } from 'node:http';
import { createServer as createSecureWeb } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { keepTls } from '../../../src/run/open/keep-tls.ts';
import { recognise } from '../../../src/targets/recognise.ts';
import { tlsAdvice } from '../../../src/targets/tls-advice.ts';
import { type Authority, newAuthority, type Pair } from '../../support/certificates.ts';

let own: Authority;
let pair: Pair;
const closers: (() => unknown)[] = [];
beforeAll(() => {
  own = newAuthority();
  pair = own.issue('server');
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(() => own?.remove());

async function listening(made: Server): Promise<number> {
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  closers.push(() => made.close());
  return (made.address() as AddressInfo).port;
}

it('a TLS server behind a plain address: how to write it', async () => {
  const port = await listening(createSecureWeb(pair, (_, response) => response.end()));
  const strict = await listening(createTls({ ...pair, ca: own.ca, requestCert: true }));
  const at = `127.0.0.1:${port}`;
  expect(await tlsAdvice('web', 'http', { address: `http://${at}` }, 'reset')).toBe(
    `It speaks TLS: write address: "https://${at}".`,
  );
  expect(await tlsAdvice('bus', 'kafka', { address: `127.0.0.1:${strict}` }, 'reset')).toBe(
    'It speaks TLS: write services.bus.tls: true.',
  );
  expect(await recognise({ host: '127.0.0.1', port: strict }, ['redis'])).toEqual({
    speaks: null,
    why: 'it speaks TLS: begin its address with https:// or rediss://',
  });
  expect(await recognise({ host: '127.0.0.1', port }, ['http'], { insecure: true })).toEqual({
    speaks: 'http',
  });
});

it('a plain server behind TLS, and a certificate that is no good', async () => {
  const port = await listening(createWeb((_, response) => response.end()));
  const at = { address: `https://127.0.0.1:${port}`, access: { tls: {} } };
  expect(await tlsAdvice('web', 'http', at, 'TLS failed: it does not speak TLS at this port')).toBe(
    `It speaks plain http: write address: "http://127.0.0.1:${port}", or use its port for TLS.`,
  );
  expect(await tlsAdvice('web', 'http', at, 'TLS failed: its certificate has expired')).toBe(
    'Renew it on the server; if it is new, check the clock of this machine.',
  );
  expect(await tlsAdvice('web', 'http', { address: `http://127.0.0.1:${port}` }, 'reset')).toBeNull();
});

it('files of a target are looked at before anything is dialled, all at once and without a key', () => {
  const file = (name: string) => ({ from: 'file', name }) as const;
  const other = own.issue('other');
  const old = own.issue('old', 'DNS:old', -1);
  const service = (tls: object) => ({ http: [{ address: 'https://h:1', access: { tls } }] });
  const addresses = {
    a: service({ ca: file('/nowhere/ca.pem') }),
    b: service({ cert: file(pair.certFile), key: file(other.keyFile) }),
    c: service({ cert: file(old.certFile), key: file(old.keyFile) }),
    d: service({
      ca: { from: 'env', name: 'NO_SUCH_PEM' },
      cert: file(pair.keyFile),
      key: file(pair.keyFile),
    }),
    e: service({ cert: file(pair.certFile), key: { from: 'env', name: 'T_ADVICE_KEY' } }),
  };
  let said = '';
  try {
    keepTls({ name: 't', addresses }, { T_ADVICE_KEY: pair.key });
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said.replaceAll(own.folder, '').replace(/ended .* GMT/, 'ended then')).toBe(
    [
      'target t: services.a.tls.ca: expected a file that can be read: /nowhere/ca.pem, got ENOENT.',
      'target t: services.b.tls.key: expected the key of the certificate in file:/server.pem, without a passphrase, got another one in file:/other.key.',
      'target t: services.c.tls.cert: expected a certificate that is valid now, got file:/old.pem, which ended then.',
      'target t: services.d.tls.ca: expected PEM in the environment variable NO_SUCH_PEM, got nothing.',
      'target t: services.d.tls.cert: expected a certificate in file:/server.key, got something else.',
    ].join('\n'),
  );
});
