/** What an answer of the gateway means. The status line is not enough: the gateway says 200 to duplicates too. */
import type { RefinedResponse, ResponseType } from 'k6/http';

const GOOD = ['processed', 'processed_low_confidence', 'routed_to_validation'];
/** k6's own error codes (docs: javascript-api/error-codes): 1050 is a time-out, 12xx are TCP. */
const TIMEOUT = 1050;
const WORDS: Readonly<Record<number, string>> = {
  1210: 'dial-failed',
  1211: 'dial-timeout',
  1212: 'refused',
  1220: 'reset',
};

type Answer = RefinedResponse<ResponseType | undefined>;

/** What became of a request that got no answer at all; null when it got one. */
function transportOutcome({ status, error_code: code }: Answer): string | null {
  if (status !== 0) return null;
  return code === TIMEOUT ? 'timeout' : (WORDS[code] ?? `error-${code}`);
}

/** The id that the gateway gave; null without one. */
export function intentIdOf(answer: Answer): string | null {
  const id = parsed(answer.body)?.intent_id;
  return typeof id === 'string' ? id : null;
}

/** What reading an intention back means: with `read-` before each word, so that the step that failed can be told. */
export function readBackOutcome(answer: Answer, intentId: string): string {
  const transport = transportOutcome(answer);
  if (transport !== null) return `read-${transport}`;
  if (answer.status !== 200) return `read-http-${answer.status}`;
  return intentIdOf(answer) === intentId ? 'ok' : 'read-error-body';
}

export function gatewayOutcome(answer: Answer): string {
  const transport = transportOutcome(answer);
  if (transport !== null) return transport;
  if (answer.status !== 200) return `http-${answer.status}`;
  const body = parsed(answer.body);
  if (body === null || typeof body.status !== 'string') return 'error-body';
  if (body.status === 'duplicate_detected') return 'duplicate';
  if (!GOOD.includes(body.status)) return `error-${body.status}`;
  return typeof body.intent_id === 'string' ? 'ok' : 'error-body';
}

interface Body {
  readonly status?: unknown;
  readonly intent_id?: unknown;
}

function parsed(body: unknown): Body | null {
  try {
    return typeof body === 'string' ? (JSON.parse(body) as Body) : null;
  } catch {
    return null;
  }
}

/** Where the time of one request went, in ms. */
export interface Spent {
  /** TCP and TLS set-up of a connection that was made for this request; 0 when one was at hand. */
  readonly connectMs: number;
  /** Everything else, from asking for a connection to the last byte. */
  readonly restMs: number;
}

/**
 * k6 counts connecting and TLS in `blocked` already (lib/netext/httpext/tracer.go: from GetConn to GotConn), and http_req_duration
 * leaves both out. Without a connection (refused, dial timed out) all its timings are 0: such an arrival would look as
 * if it had failed in no time, so that the wall clock is taken, with its whole milliseconds.
 * @param sentAt `Date.now()` just before the request.
 */
export function spentOn({ status, timings }: Answer, sentAt: number): Spent {
  const connectMs = timings.connecting + timings.tls_handshaking;
  const timed = timings.blocked + timings.sending + timings.waiting + timings.receiving;
  const wholeMs = status === 0 ? Math.max(timed, Date.now() - sentAt) : timed;
  return { connectMs, restMs: wholeMs - connectMs };
}
