/** The address of a schema registry: with its path, and without anything that may be a secret. */
import { word } from './word.ts';

const EXAMPLE = 'https://registry.example.com:8081';
const EXPECTED = `a URL such as ${EXAMPLE}`;
const PATTERN = /^https?:\/\/[^\s@?#]+$/;

export const registryUrl = word<string>({
  id: 'registry-url',
  description: 'http(s)://host[:port][/path] without user, password and query',
  examples: [EXAMPLE],
  expected: EXPECTED,
  pattern: PATTERN,
  isSecret: true,
  read(text) {
    if (new RegExp(PATTERN, 'i').test(text) && URL.canParse(text))
      return { ok: true, value: text.replace(/\/+$/, '') };
    const next = /[@?#]/.test(text)
      ? 'It may hold a secret: user, password or query. Write login.'
      : 'Begin it with https:// or http://.';
    return { ok: false, expected: EXPECTED, next };
  },
  write: (value) => value,
});
