/** Why a TLS connection failed, in words: each cause is another mistake, with another fix. */

export interface TlsWords {
  readonly text: string;
  readonly next: string;
}

const UNTRUSTED: TlsWords = {
  text: 'its certificate authority is not trusted here',
  next: 'Set tls.ca to the certificate of that authority.',
};
const NO_TLS: TlsWords = {
  text: 'it does not speak TLS at this port',
  next: 'Remove tls and write its plain address, or use its port for TLS.',
};
const REFUSES_OURS: TlsWords = {
  text: 'it refuses our certificate',
  next: 'Set tls.cert and tls.key to a pair that its authority has signed.',
};
const NEEDS_OURS: TlsWords = {
  text: 'it requires a client certificate',
  next: 'Set tls.cert and tls.key.',
};
const NAME_NEXT = 'Dial it by a name of its certificate, or set tls.serverName to one.';

/** By the codes of Node, which are those of OpenSSL. */
const WORDS: Readonly<Record<string, TlsWords>> = {
  CERT_HAS_EXPIRED: {
    text: 'its certificate has expired',
    next: 'Renew it on the server; if it is new, check the clock of this machine.',
  },
  CERT_NOT_YET_VALID: {
    text: 'its certificate is not valid yet',
    next: 'Check the clock of this machine, and when the certificate begins.',
  },
  CERT_REVOKED: { text: 'its certificate is revoked', next: 'Renew it on the server.' },
  ERR_TLS_CERT_ALTNAME_INVALID: { text: 'its certificate is for another name', next: NAME_NEXT },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    text: 'its certificate is self-signed',
    next: 'Set tls.ca to that certificate.',
  },
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: NEEDS_OURS,
  // Before TLS 1.3 a server has no word of its own for a missing certificate.
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: {
    text: 'it ended the handshake: without a common cipher or version, or without a client certificate',
    next: 'Set tls.cert and tls.key if it requires them, and check its versions of TLS.',
  },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: REFUSES_OURS,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: REFUSES_OURS,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: REFUSES_OURS,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: { ...REFUSES_OURS, text: 'our certificate has expired' },
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: {
    text: 'it does not know the name that it is dialled by',
    next: NAME_NEXT,
  },
};

/** Undefined: no failure of TLS. */
export function tlsWords(error: unknown): TlsWords | undefined {
  const code = codeIn(error);
  const known = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (known === undefined)
    return /^ERR_(SSL|TLS)_|^EPROTO$/.test(code)
      ? {
          text: `TLS failed (${code})`,
          next: 'Check the certificate of the server, and its versions of TLS.',
        }
      : undefined;
  const names = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? namesIn(error) : '';
  return { ...known, text: `TLS failed: ${known.text}${names}` };
}

/** Of an error or one of its causes. */
function codeIn(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 5) return '';
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  const own = typeof code === 'string' ? code : '';
  return own !== '' && (Object.hasOwn(WORDS, own) || cause === undefined) ? own : codeIn(cause, depth + 1);
}

function namesIn(error: unknown): string {
  const { cause, cert, host } = error as {
    readonly cause?: unknown;
    readonly cert?: { readonly subjectaltname?: string };
    readonly host?: string;
  };
  if (cert === undefined) return cause === undefined || cause === null ? '' : namesIn(cause);
  const names = cert.subjectaltname?.replaceAll(/\b(DNS|IP Address):/g, '') ?? 'no name';
  return ` (${names.slice(0, 60)}, not ${host ?? 'this one'})`;
}

/** OpenSSL's own sentences, where a library passes on nothing else. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/certificate has expired/, 'CERT_HAS_EXPIRED'],
  [/certificate is not yet valid/, 'CERT_NOT_YET_VALID'],
  [/does not match certificate's altnames/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/self-signed certificate in certificate chain/, 'SELF_SIGNED_CERT_IN_CHAIN'],
  [/unable to (verify the first|get (local )?issuer) certificate/, 'UNABLE_TO_GET_ISSUER_CERT'],
  [/self-signed certificate|DEPTH_ZERO_SELF_SIGNED_CERT/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [/alert certificate required/, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'],
  [/alert handshake failure/, 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'],
  [/alert unknown ca/, 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'],
  [/alert bad certificate/, 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'],
  [/wrong version number|packet length too long/, 'ERR_SSL_WRONG_VERSION_NUMBER'],
];

export function tlsWordsIn(text: string): TlsWords | undefined {
  const code =
    SENTENCES.find(([pattern]) => pattern.test(text))?.[1] ?? /\b[A-Z]+(?:_[A-Z0-9]+)+\b/.exec(text)?.[0];
  return code !== undefined && Object.hasOwn(WORDS, code) ? tlsWords({ code }) : undefined;
}

/** What to do, by the sentence that a probe has of the failure. Null: it is no failure of TLS. */
export const tlsNext = (outcome: string): string | null =>
  Object.values(WORDS).find(({ text }) => outcome.startsWith(`TLS failed: ${text}`.slice(0, 80)))?.next ??
  (/^TLS failed/.test(outcome) ? 'Check the certificate of the server, and its versions of TLS.' : null);
