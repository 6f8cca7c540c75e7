/** The address of a token endpoint: with a path, and without anything that may be a secret. */
import { word } from './word.ts';

const EXPECTED = 'a URL such as https://login.example.com/realms/shop/protocol/openid-connect/token';

export const tokenUrl = word<string>({
  id: 'token-url',
  description: 'http(s)://host[:port]/path without user, password and query',
  examples: ['https://login.example.com/realms/shop/protocol/openid-connect/token'],
  expected: EXPECTED,
  pattern: /^https?:\/\/[^\s@?#]+$/,
  isSecret: true,
  read(text) {
    if (/^https?:\/\/[^\s@?#]+$/i.test(text) && URL.canParse(text)) return { ok: true, value: text };
    const next = /[@?#]/.test(text)
      ? 'It may hold a secret: user, password or query. Write clientId and clientSecret.'
      : 'Begin it with https:// or http://.';
    return { ok: false, expected: EXPECTED, next };
  },
  write: (value) => value,
});
