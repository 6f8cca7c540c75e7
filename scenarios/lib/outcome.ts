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

export function gatewayOutcome(answer: RefinedResponse<ResponseType | undefined>): string {
  if (answer.status === 0)
    return answer.error_code === TIMEOUT
      ? 'timeout'
      : (WORDS[answer.error_code] ?? `error-${answer.error_code}`);
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
export function spentOn(
  { status, timings }: RefinedResponse<ResponseType | undefined>,
  sentAt: number,
): Spent {
  const connectMs = timings.connecting + timings.tls_handshaking;
  const timed = timings.blocked + timings.sending + timings.waiting + timings.receiving;
  const wholeMs = status === 0 ? Math.max(timed, Date.now() - sentAt) : timed;
  return { connectMs, restMs: wholeMs - connectMs };
}
