/** A receiver with its secrets read: where requests go, and how a message names it without a secret. */
import { isLoopback } from '../../core/address.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { type ReceiverKind, type SecretRef, type UrlRef, writeRef } from '../../core/receivers.ts';
import { keepSecret } from '../../core/secrets.ts';
import { readText } from '../../system/read-text.ts';

export interface Endpoint {
  readonly kind: ReceiverKind;
  /** Without user, password and the slash at its end. */
  readonly base: string;
  /** Such as `pushgateway (http://127.0.0.1:9091)`: never with a path, user or query. */
  readonly shown: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Written {
  readonly url: UrlRef;
  readonly token: SecretRef | null;
  readonly insecure: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws usage: a reference to nothing, no URL, or a secret that anybody on the way could read. */
export function endpointOf(kind: ReceiverKind, written: Written, env: Env): Endpoint {
  const url = readUrl(kind, written.url, env);
  const token = written.token === null ? null : tokenOf(kind, written.token, env);
  const [user, password] = [url.username, url.password].map(decoded);
  const hasUser = user !== '' || password !== '';
  if (hasUser && token !== null)
    throw usage(kind, {
      expected: 'one kind of authorization',
      got: 'a token and a user in the URL',
      next: 'Remove one of them.',
    });
  const isSecret = kind === 'webhook' || token !== null || hasUser || url.search !== '';
  if (url.protocol === 'http:' && isSecret && !isLoopback(url.hostname) && !written.insecure)
    throw usage(kind, {
      expected: 'https, since its token, password or URL is a secret',
      got: `plain http to ${url.host}`,
      next: 'Use https, or allow it with insecure: true (--insecure), such as inside a cluster.',
    });
  const authorization =
    token !== null ? `Bearer ${token}` : hasUser ? `Basic ${basic(`${user}:${password}`)}` : null;
  return {
    kind,
    base: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}${url.search}`,
    shown: `${kind} (${url.protocol}//${url.host})`,
    headers: authorization === null ? {} : { authorization },
  };
}

const basic = (text: string): string => Buffer.from(text).toString('base64');

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function readUrl(kind: ReceiverKind, written: UrlRef, env: Env): URL {
  if (written.from === 'text') return new URL(written.url);
  const text = secretAt(kind, 'url', written, env);
  const name = writeRef(written);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    keepSecret(name, text);
    throw usage(kind, {
      expected: `a URL in ${name} that begins with https:// or http://`,
      got: 'something else',
    });
  }
  const [user, password] = [url.username, url.password].map(decoded) as [string, string];
  // The host stays readable: without it nobody finds a wrong one.
  const secrets = [
    user !== '' && password !== '' ? `${user}:${password}` : '',
    password,
    url.search.slice(1),
  ];
  if (kind === 'webhook') secrets.push(`${url.pathname}${url.search}`, url.pathname);
  for (const one of secrets) if (one.length > 1) keepSecret(name, one);
  return url;
}

function tokenOf(kind: ReceiverKind, reference: SecretRef, env: Env): string {
  const token = secretAt(kind, 'token', reference, env);
  keepSecret(writeRef(reference), token);
  // RFC 6750 allows fewer characters; a header cannot hold more than these.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usage(kind, {
    expected: `a token in ${writeRef(reference)} of ASCII letters, digits and punctuation without blanks`,
    got: 'one with a blank, a line break or another character',
    next: 'The cause is often a file with line breaks: remove them.',
  });
}

/** Without the line break that editors leave at the end of a file. */
function secretAt(kind: ReceiverKind, key: 'url' | 'token', reference: SecretRef, env: Env): string {
  const name = writeRef(reference);
  const text = reference.from === 'env' ? env[reference.name] : readText(reference.name);
  const value = text?.trim() ?? '';
  if (value !== '') return value;
  const set = reference.from === 'env' ? 'the environment variable' : 'the file';
  const hint = reference.from === 'env' ? didYouMean(reference.name, Object.keys(env)).next : undefined;
  const example =
    reference.from === 'env' ? ` Set it, for example: ${reference.name}=... gauntlet push ...` : '';
  throw usage(kind, {
    subject: `${kind}: ${key}`,
    expected: `a value in ${set} ${reference.name} (${name})`,
    got: 'nothing',
    next: `${hint ?? ''}${example}`.trim() || 'Write the secret into it.',
  });
}

const usage = (kind: ReceiverKind, problem: Omit<Problem, 'subject'> & { readonly subject?: string }) =>
  new GauntletError('usage', [{ subject: kind, ...problem }]);
