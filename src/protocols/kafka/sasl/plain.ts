/** SASL PLAIN (RFC 4616): user and password as they are, parted by zero bytes. */
import { usageError } from '../../../core/errors.ts';
import type { SaslExchange } from './exchange.ts';

/** @throws usage for a user or a password that the separator would cut. */
export function plainExchange(user: string, password: string): SaslExchange {
  for (const [what, text] of [
    ['user', user],
    ['password', password],
  ] as const) {
    if (!text.includes('\0')) continue;
    throw usageError({
      subject: `${what} of a login by PLAIN`,
      expected: 'a text without zero bytes, which part user and password',
      got: 'one with a zero byte',
    });
  }
  return {
    first: () => Buffer.from(`\0${user}\0${password}`),
    next: async () => undefined,
  };
}
