/**
 * One HTTPS request with the certificates of an access, which the global fetch cannot take. Redirects are
 * followed within the origin only: our certificate is for no other server.
 */
import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { TlsAccess } from '../../core/access.ts';
import { tlsOptions } from '../../system/tls/tls-options.ts';

const MOST_REDIRECTS = 20;

export interface Fetched {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
}

export interface TlsRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly redirect: 'follow' | 'manual';
}

/** Rejects with the error of the connection. */
export async function fetchTls(url: string, tls: TlsAccess, how: TlsRequest): Promise<Fetched> {
  const { origin } = new URL(url);
  let at = new URL(url);
  let { method, body } = how;
  for (let count = 0; ; count += 1) {
    const answer = await once(at, tls, { ...how, method, ...(body !== undefined && { body }) });
    const location = answer.headers.get('location');
    const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== null;
    if (!isRedirect || how.redirect !== 'follow' || count === MOST_REDIRECTS) return answer;
    const next = new URL(location, at);
    if (next.origin !== origin) return answer;
    await answer.body?.cancel();
    // As fetch does: only 307 and 308 keep method and body.
    if (answer.status === 303 || (answer.status < 303 && method === 'POST'))
      [method, body] = ['GET', undefined];
    at = next;
  }
}

function once(url: URL, tls: TlsAccess, { method, headers, body, signal }: TlsRequest): Promise<Fetched> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { ...tlsOptions(tls, host), agent: false, method, headers, signal },
      (answer) => {
        const named = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        const stream = Readable.toWeb(answer) as ReadableStream<Uint8Array>;
        resolve({ status: answer.statusCode ?? 0, headers: new Headers(named), body: stream });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
