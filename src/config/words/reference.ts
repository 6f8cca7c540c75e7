/** References to secrets, and URLs of receivers: a URL that contains a secret is a secret itself. */
import { type SecretRef, type UrlRef, writeRef } from '../../core/receivers.ts';
import type { Parsed } from '../../core/units.ts';
import { word } from './word.ts';

const REFERENCE = /^(env):([A-Za-z_]\w*)$|^(file):(\S.*)$/;
const MOVE = 'Put the value into an environment variable or a file, and write env:NAME or file:PATH here.';

function readReference(text: string): SecretRef | undefined {
  const [, env, variable, , path] = REFERENCE.exec(text) ?? [];
  if (env !== undefined) return { from: 'env', name: variable ?? '' };
  return path === undefined ? undefined : { from: 'file', name: path };
}

const SECRET_EXPECTED = 'a reference to a secret such as env:GRAFANA_TOKEN or file:/run/secrets/grafana';

export const secretRef = word<SecretRef>({
  id: 'secret-reference',
  description: 'the environment variable, or the file, that holds the secret',
  examples: ['env:GRAFANA_TOKEN', 'file:/run/secrets/grafana'],
  expected: SECRET_EXPECTED,
  pattern: REFERENCE,
  next: MOVE,
  isSecret: true,
  read(text) {
    const value = readReference(text);
    return value === undefined ? { ok: false, expected: SECRET_EXPECTED } : { ok: true, value };
  },
  write: writeRef,
});

const URL_EXPECTED = 'a URL such as http://pushgateway:9091, or a reference such as env:PUSHGATEWAY_URL';

/** The URL of a receiver whose address alone gives no access. */
export const urlRef = word<UrlRef>({
  id: 'url-or-reference',
  description: 'http(s)://host[:port][/path] without user and password, or a reference to any URL',
  examples: ['http://pushgateway:9091', 'env:PUSHGATEWAY_URL', 'file:/run/secrets/url'],
  expected: URL_EXPECTED,
  pattern: /^(https?:\/\/[^\s@?#]+|env:[A-Za-z_]\w*|file:\S.*)$/,
  isSecret: true,
  read(text): Parsed<UrlRef> {
    const reference = readReference(text);
    if (reference !== undefined) return { ok: true, value: reference };
    const no = (next: string): Parsed<UrlRef> => ({ ok: false, expected: URL_EXPECTED, next });
    if (!/^https?:\/\//i.test(text)) return no('Begin it with http:// or https://.');
    if (/[\s@?#]/.test(text)) return no(`It may hold a secret: user, password or query. ${MOVE}`);
    if (!URL.canParse(text)) return no('Write it as http://host:port.');
    return { ok: true, value: { from: 'text', url: text } };
  },
  write: (value) => (value.from === 'text' ? value.url : writeRef(value)),
});
