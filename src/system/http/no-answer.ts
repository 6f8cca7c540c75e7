/** Why an HTTP request got no answer, in words: name, connection, TLS and time are different mistakes. */
import { ForeignBytes } from '../foreign-bytes.ts';

/** There is no answer, and this is why. The words hold nothing of the URL, which may be a secret. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly next: string;

  constructor(why: Why, cause?: unknown) {
    super(why.text, { cause });
    this.next = why.next;
  }
}

interface Why {
  readonly text: string;
  readonly next: string;
}

const REACH = 'Check that it is up and can be reached from here; proxies of the environment are not used.';
const TLS_NEXT =
  'Check its certificate and the clock of this machine; for a private authority set NODE_EXTRA_CA_CERTS=ca.pem.';
const CLOSED: Why = { text: 'closed the connection without an answer', next: REACH };

const WORDS: Readonly<Record<string, Why>> = {
  ENOTFOUND: {
    text: 'its name does not resolve (ENOTFOUND)',
    next: 'Check the host in its URL, and the DNS of this machine.',
  },
  EAI_AGAIN: {
    text: 'the DNS does not answer (EAI_AGAIN)',
    next: 'Check the network and the DNS of this machine.',
  },
  ECONNREFUSED: {
    text: 'nothing listens at its address (ECONNREFUSED)',
    next: 'Check host and port in its URL, and that it is up.',
  },
  EHOSTUNREACH: { text: 'there is no route to its address (EHOSTUNREACH)', next: REACH },
  ENETUNREACH: { text: 'there is no route to its address (ENETUNREACH)', next: REACH },
  ETIMEDOUT: { text: 'it does not accept the connection in time (ETIMEDOUT)', next: REACH },
  UND_ERR_CONNECT_TIMEOUT: { text: 'it does not accept the connection in time', next: REACH },
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  ERR_SSL_WRONG_VERSION_NUMBER: plainText(),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plainText(),
};

function plainText(): Why {
  return {
    text: 'TLS failed: it does not speak TLS at this port',
    next: 'Begin its URL with http://, or use its port for https.',
  };
}

/** Of OpenSSL's verification; Node uses the same words as codes. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate authority is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate authority is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate authority is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate authority is not trusted here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate is revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** @param timeoutMs of the attempt that failed. */
export function noAnswer(error: unknown, timeoutMs: number): NoAnswer {
  if (error instanceof NoAnswer) return error;
  const timedOut = (error as { readonly name?: unknown } | null)?.name === 'TimeoutError';
  if (timedOut) return new NoAnswer({ text: `no answer within ${timeoutMs / 1000} s`, next: REACH }, error);
  const foreign = partOf(error, (one) => one instanceof ForeignBytes);
  if (foreign instanceof ForeignBytes)
    return new NoAnswer(
      { text: `it answered with ${foreign.message}`, next: 'Check that the URL is its own.' },
      error,
    );
  const code = String((partOf(error, hasCode) as { readonly code?: unknown } | undefined)?.code ?? '');
  const known = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (known !== undefined) return new NoAnswer(known, error);
  const certificate = Object.hasOwn(CERTIFICATES, code) ? CERTIFICATES[code] : undefined;
  if (certificate !== undefined)
    return new NoAnswer({ text: `TLS failed: ${certificate} (${code})`, next: TLS_NEXT }, error);
  if (/^ERR_(SSL|TLS)_|^EPROTO$/.test(code))
    return new NoAnswer({ text: `TLS failed (${code})`, next: TLS_NEXT }, error);
  if (partOf(error, (one) => one instanceof Error && one.message === 'bad port') !== undefined)
    return new NoAnswer(
      {
        text: 'its port belongs to another protocol, and HTTP clients refuse it',
        next: 'Choose another port.',
      },
      error,
    );
  if (/^HPE_|^UND_ERR_/.test(code))
    return new NoAnswer({ text: 'its answer is not HTTP', next: 'Check the port in its URL.' }, error);
  return new NoAnswer({ text: code === '' ? 'the request failed' : `failed (${code})`, next: REACH }, error);
}

const hasCode = (one: unknown): boolean =>
  typeof (one as { readonly code?: unknown } | null)?.code === 'string';

/** The first error that fits among an error, its causes and its parts. */
function partOf(error: unknown, fits: (one: unknown) => boolean, depth = 0): unknown {
  if (error === null || typeof error !== 'object' || depth > 5) return undefined;
  if (fits(error)) return error;
  const { cause, errors } = error as { readonly cause?: unknown; readonly errors?: unknown };
  const parts = [...(Array.isArray(errors) ? errors : []), cause];
  for (const one of parts) {
    const found = partOf(one, fits, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
