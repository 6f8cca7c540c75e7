/**
 * One form, posted once on a connection of its own, with a deadline: redirects are not followed, since they
 * could carry a secret to another host, and the caller decides whether to try again.
 */
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { TlsAccess } from '../../core/access.ts';
import type { Ms } from '../../core/units.ts';
import { readBody } from '../bounded-body.ts';
import { tlsOptions } from '../tls/tls-options.ts';
import { tlsWords } from '../tls/tls-words.ts';
import { NoAnswer, noAnswer } from './no-answer.ts';

export interface FormPost {
  readonly form: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: https with the authorities of this machine. */
  readonly tls?: TlsAccess;
  readonly timeoutMs: Ms;
  readonly signal: AbortSignal;
}

const MOST_BYTES = 256 * 1024;

/** @throws NoAnswer; the signal's reason when it is aborted. */
export async function postForm(
  url: string,
  { form, headers, tls, timeoutMs, signal }: FormPost,
): Promise<{ readonly status: number; readonly body: string }> {
  const body = new URLSearchParams(form).toString();
  const { hostname } = new URL(url);
  const secure = tls && tlsOptions(tls, hostname.replace(/^\[|\]$/g, ''));
  const open = url.startsWith('https:') ? tlsRequest : plainRequest;
  const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await new Promise((resolve, reject) => {
      const asked = open(url, {
        method: 'POST',
        agent: false,
        ...secure,
        signal: ended,
        headers: {
          ...headers,
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(Buffer.byteLength(body)),
        },
      });
      asked.once('error', reject);
      asked.once('response', (answer) => {
        const { statusCode: status = 0 } = answer;
        readBody(answer, MOST_BYTES).then((text) => resolve({ status, body: text }), reject);
      });
      asked.end(body);
    });
  } catch (error) {
    signal.throwIfAborted();
    const failed = tlsWords(error);
    if (failed !== undefined) throw new NoAnswer(failed, error);
    throw noAnswer(ended.aborted ? ended.reason : error, timeoutMs);
  }
}
