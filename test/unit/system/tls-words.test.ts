import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../src/protocols/line/line.ts';
import { tlsWords, tlsWordsIn } from '../../../src/system/tls/tls-words.ts';

const withCode = (code: string, more: object = {}): Error =>
  Object.assign(new Error('as OpenSSL says'), { code, ...more });

describe('why TLS failed', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'its certificate has expired'],
    ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate authority is not trusted here'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'it requires a client certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it refuses our certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS at this port'],
  ])('%s is a sentence of its own, with what to do', (code, text) => {
    expect(tlsWords(withCode(code))?.text).toBe(`TLS failed: ${text}`);
    expect(tlsWords(withCode(code))?.next).toMatch(/\.$/);
    expect(outcomeOf(withCode(code))).toBe(`TLS failed: ${text}`);
  });

  it('names both names of a certificate for another one', () => {
    const error = withCode('ERR_TLS_CERT_ALTNAME_INVALID', {
      host: '10.1.2.3',
      cert: { subjectaltname: 'DNS:web.shop, IP Address:10.0.0.1' },
    });
    const text = 'TLS failed: its certificate is for another name (web.shop, 10.0.0.1, not 10.1.2.3)';
    expect(tlsWords(error)?.text).toBe(text);
    expect(tlsWords(new TypeError('fetch failed', { cause: error }))?.text).toBe(text);
  });

  it('is read from the sentence of a library that passes on nothing else', () => {
    const said =
      'No connection established. Last error: Error: self-signed certificate in certificate chain.';
    expect(tlsWordsIn(said)?.text).toBe('TLS failed: its certificate authority is not trusted here');
    expect(tlsWordsIn('14 UNAVAILABLE: connect ECONNREFUSED 127.0.0.1:1')).toBeUndefined();
  });

  it('is no word for what is not TLS: a cut link stays a reset', () => {
    expect(tlsWords(withCode('ECONNRESET'))).toBeUndefined();
    expect(outcomeOf(withCode('ECONNRESET'))).toBe('reset');
  });
});
