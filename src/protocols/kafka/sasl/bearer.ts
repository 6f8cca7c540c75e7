/** SASL OAUTHBEARER (RFC 7628): a token, and on a refusal one more message, after which the server says why. */
import { usageError } from '../../../core/errors.ts';
import type { SaslExchange } from './exchange.ts';

const ONE = '\x01';

/** @throws usage for a token with characters that RFC 6750 does not allow; never with the token. */
export function bearerExchange(token: string): SaslExchange {
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) {
    throw usageError({
      subject: 'token of a login by OAUTHBEARER',
      expected: 'letters, digits and -._~+/, then = at most at its end',
      got: 'another character',
      next: 'The cause is often a line break in it, or the whole answer of a token endpoint in place of access_token.',
    });
  }
  return {
    first: () => Buffer.from(`n,,${ONE}auth=Bearer ${token}${ONE}${ONE}`),
    // A refusal is a challenge of JSON; the server ends the exchange after this answer.
    next: async (challenge) => (challenge.length === 0 ? undefined : Buffer.from(ONE)),
  };
}
