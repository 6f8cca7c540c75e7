/** Secrets: a file holds the name of an environment variable, never the value. */
import { word } from './word.ts';

const EXPECTED = 'a reference such as env:STAGING_TOKEN';

/** The name of the variable. */
export const secret = word<string>({
  id: 'secret',
  description: 'the environment variable that holds the secret',
  examples: ['env:STAGING_TOKEN'],
  expected: EXPECTED,
  pattern: /^env:[A-Za-z_][A-Za-z0-9_]*$/,
  next: 'Keep secrets in the environment, never in a file.',
  isSecret: true,
  read(text) {
    const name = /^env:([A-Za-z_]\w*)$/.exec(text)?.[1];
    if (name !== undefined) return { ok: true, value: name };
    return { ok: false, expected: EXPECTED };
  },
  write: (name) => `env:${name}`,
});
