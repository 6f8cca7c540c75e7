/**
 * One request, sent once on a connection of its own, with a deadline: redirects are not followed, since they
 * could carry a secret to another host, and the caller decides whether to try again.
 */
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { TlsAccess } from '../../core/access.ts';
import type { Ms } from '../../core/units.ts';
import { readBody } from '../bounded-body.ts';
import { tlsOptions } from '../tls/tls-options.ts';
import { tlsWords } from '../tls/tls-words.ts';
import { deadlineOf } from './deadline.ts';
import { NoAnswer, noAnswer } from './no-answer.ts';

export interface OneRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the longest answer. */
  readonly mostBytes: number;
  /** Absent: https with the authorities of this machine. */
  readonly tls?: TlsAccess;
  readonly timeoutMs: Ms;
  readonly signal: AbortSignal;
}

/** @throws NoAnswer; the signal's reason when it is aborted. */
export async function sendOnce(
  url: string,
  { method, headers, body, mostBytes, tls, timeoutMs, signal }: OneRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname } = new URL(url);
  const secure = tls && tlsOptions(tls, hostname.replace(/^\[|\]$/g, ''));
  const open = url.startsWith('https:') ? tlsRequest : plainRequest;
  const deadline = deadlineOf(signal, timeoutMs);
  const ended = deadline.signal;
  try {
    return await new Promise((resolve, reject) => {
      const asked = open(url, { method, agent: false, ...secure, signal: ended, headers });
      asked.once('error', reject);
      asked.once('response', (answer) => {
        const { statusCode: status = 0 } = answer;
        readBody(answer, mostBytes).then((text) => resolve({ status, body: text }), reject);
      });
      asked.end(body);
    });
  } catch (error) {
    signal.throwIfAborted();
    const failed = tlsWords(error);
    if (failed !== undefined) throw new NoAnswer(failed, error);
    throw noAnswer(ended.aborted ? ended.reason : error, timeoutMs);
  } finally {
    deadline.clear();
  }
}
