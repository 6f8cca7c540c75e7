/** References to certificates and keys: a file of a target names where they are, never their text. */
import { type SecretRef, writeRef } from '../../core/receivers.ts';
import { word } from './word.ts';

const EXPECTED = 'the path of a PEM file such as tls/ca.pem, or a reference such as env:CA_PEM';

/** Paths are as written: relative to the file. */
export const pemRef = word<SecretRef>({
  id: 'pem-reference',
  description: 'the path of a PEM file, relative to this file, or the environment variable that holds it',
  examples: ['tls/ca.pem', 'env:CA_PEM'],
  expected: EXPECTED,
  pattern: /^(?!-----)(env:[A-Za-z_]\w*|(?!env:).*\S.*)$/,
  next: 'Put the PEM into a file or an environment variable, and write its path or env:NAME here.',
  isSecret: true,
  read(text) {
    if (/-----|[\r\n]/.test(text) || text.trim() === '') return { ok: false, expected: EXPECTED };
    const [, from, name = ''] = /^(env|file):(.*)$/.exec(text) ?? [];
    if (from === undefined) return { ok: true, value: { from: 'file', name: text } };
    if (from === 'file' ? name.trim() !== '' : /^[A-Za-z_]\w*$/.test(name))
      return { ok: true, value: { from: from as 'env' | 'file', name } };
    return { ok: false, expected: EXPECTED };
  },
  write: writeRef,
});
