/** One HTTP request: how long it took, and the outcome when no answer came. */
import type { RefinedResponse, ResponseType } from 'k6/http';
import { errnoIn } from './errno.ts';
import type { Load } from './load.ts';
import { preciseMs, type Spent } from './measured.ts';

export type Answer = RefinedResponse<ResponseType | undefined>;

export interface Sent {
  readonly answer: Answer;
  readonly spent: Spent;
  /** The outcome of a request without an answer; null when it was answered. */
  readonly failure: string | null;
}

/**
 * k6's own error codes (lib/netext/httpext/error_codes.go); src/core/outcomes.ts defines the meaning of each
 * for a verdict.
 */
const WORDS: Readonly<Record<number, string>> = {
  1020: 'invalid-url',
  1050: 'timeout',
  1101: 'no-such-host',
  1201: 'broken-pipe',
  1210: 'dial-failed',
  1211: 'dial-timeout',
  1212: 'refused',
  1220: 'reset',
};
const RESET = 1220;
const BROKEN_PIPE = 1201;
/** Errors for which k6 has no code. */
const OTHER = 1000;

/** The connection of this VU: when it was last used, and the round trip that its set-up took. */
let usedAt = Number.NaN;
let roundTripMs = Number.POSITIVE_INFINITY;

/** A server closes idle connections; one that was used a moment ago is not idle. */
const IDLE_MS = 1000;
/** Noise of clock and scheduler in the arrival of the reset. */
const NOISE_MS = 2;
/**
 * A longer set-up may have waited for a busy machine: if a round trip took 40 ms, a server would have had
 * time to work.
 */
const LONGEST_TRIP_MS = 3;

/** @param ask sends the request; k6 returns even without an answer. */
export function send(load: Load, ask: () => Answer): Sent {
  // k6 times the last hop of a redirect only.
  const whole = load.redirects > 0;
  const sentAt = Date.now();
  const from = whole ? preciseMs() : sentAt;
  const answer = ask();
  const spent = whole ? wholly(answer, preciseMs() - from) : spentOn(answer, sentAt);
  const failure = answer.status === 0 ? failureOf(answer, sentAt) : null;
  if (spent.connectMs > 0) roundTripMs = Math.min(roundTripMs, answer.timings.connecting);
  usedAt = Date.now();
  return { answer, spent, failure };
}

function failureOf(answer: Answer, sentAt: number): string {
  const { error, error_code: code } = answer;
  if (isStale(answer, sentAt)) return 'stale-connection';
  const own = errnoIn(error);
  if (own !== null) return own;
  if (code === OTHER && /\bEOF\b|server closed/.test(error)) return 'closed';
  if (code === OTHER && /invalid header field/.test(error)) return 'invalid-header';
  return WORDS[code] ?? `error-${code}`;
}

/**
 * Proven to have hit a connection that the server had closed for idling: it was reused after idling, no byte
 * came back, and its end came within a round trip, before a server could have worked on it. Every other reset
 * is caused by the server.
 */
function isStale({ error, error_code: code, timings }: Answer, sentAt: number): boolean {
  const closed =
    code === RESET || code === BROKEN_PIPE || (code === OTHER && /\bEOF\b|server closed/.test(error));
  const reused = timings.connecting === 0 && timings.sending > 0;
  const idled = sentAt - usedAt >= IDLE_MS;
  const atOnce = timings.sending + timings.waiting <= Math.min(roundTripMs, LONGEST_TRIP_MS) + NOISE_MS;
  return closed && reused && idled && atOnce && timings.receiving === 0;
}

/**
 * k6 already counts connecting and TLS in `blocked` (lib/netext/httpext/tracer.go: from GetConn to GotConn),
 * and http_req_duration excludes both. Without a connection (refused, dial timed out) all its timings are 0:
 * such an arrival would look as if it had failed in no time, so the wall clock is used, with its whole
 * milliseconds.
 */
function spentOn({ status, timings }: Answer, sentAt: number): Spent {
  const connectMs = timings.connecting + timings.tls_handshaking;
  const timed = timings.blocked + timings.sending + timings.waiting + timings.receiving;
  const wholeMs = status === 0 ? Math.max(timed, Date.now() - sentAt) : timed;
  return { connectMs, restMs: wholeMs - connectMs };
}

function wholly({ timings }: Answer, wholeMs: number): Spent {
  const connectMs = timings.connecting + timings.tls_handshaking;
  return { connectMs, restMs: Math.max(0, wholeMs - connectMs) };
}
