/**
 * One HTTP request with limits: each attempt has a deadline, answers are bounded, redirects are not followed
 * (they could carry a secret to another host), and only what may succeed later is tried again.
 */
import type { Clock } from '../../core/clock.ts';
import { type Ms, ms } from '../../core/units.ts';
import { readBody } from '../bounded-body.ts';
import { deadlineOf } from './deadline.ts';
import { NoAnswer, noAnswer } from './no-answer.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without user and password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent again also where the first attempt may have had its effect: a lost answer, a 500. */
  readonly repeatable: boolean;
  /** Bytes of the longest answer. */
  readonly most?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Null: it named no time to wait. */
  readonly retryAfterMs: number | null;
}

export interface HttpLimits {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of one attempt. */
  readonly timeoutMs?: Ms;
}

const TIMEOUT_MS = ms(10_000);
const ATTEMPTS = 3;
const FIRST_WAIT_MS = 1000;
/** A receiver that asks for more has to wait until the next push. */
export const LONGEST_WAIT_MS = 30_000;
const MOST_BYTES = 1024 * 1024;

/**
 * @returns the last answer, whatever its status. @throws NoAnswer; the signal's reason when it is aborted.
 */
export async function ask(request: HttpRequest, limits: HttpLimits): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS;
    const given = await attemptOnce(request, limits).catch((error: unknown) => {
      limits.signal.throwIfAborted();
      return noAnswer(error, limits.timeoutMs ?? TIMEOUT_MS);
    });
    if (given instanceof NoAnswer) {
      if (last || !request.repeatable || !mayPass(given)) throw given;
    } else if (last || !mayChange(given, request.repeatable)) return given;
    const asked = given instanceof NoAnswer ? null : given.retryAfterMs;
    if (asked !== null && asked > LONGEST_WAIT_MS) return given as HttpAnswer;
    await limits.clock.sleep(ms(asked ?? FIRST_WAIT_MS * 2 ** (attempt - 1)), limits.signal);
  }
}

/** A wrong name or certificate is the same a second later. */
export const mayPass = (error: NoAnswer): boolean =>
  !/^TLS failed|does not resolve|not HTTP|clients refuse/.test(error.message);

/** 429 and 503 say that nothing was done; after another 5xx it may have been. */
const mayChange = ({ status }: HttpAnswer, repeatable: boolean): boolean =>
  status === 429 || status === 503 || (repeatable && status >= 500);

async function attemptOnce(request: HttpRequest, limits: HttpLimits): Promise<HttpAnswer> {
  const { method, url, headers, body, most = MOST_BYTES } = request;
  const deadline = deadlineOf(limits.signal, limits.timeoutMs ?? TIMEOUT_MS);
  try {
    const answer = await fetch(url, {
      ...{ method, headers, signal: deadline.signal, redirect: 'manual' },
      ...(body !== undefined && { body }),
    });
    const text = answer.body === null ? '' : await readBody(answer.body, most);
    return { status: answer.status, body: text, retryAfterMs: waitOf(answer.headers, limits.clock.wall()) };
  } finally {
    deadline.clear();
  }
}

/** Retry-After (RFC 9110 §10.2.3): seconds, or an instant. */
function waitOf(headers: Headers, now: number): number | null {
  const written = headers.get('retry-after')?.trim();
  if (written === undefined || written === '') return null;
  const wait = /^\d+$/.test(written) ? Number(written) * 1000 : Date.parse(written) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}
