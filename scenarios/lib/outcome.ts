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
  if (answer.status !== 200) return `error-${answer.status}`;
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

/** In ms, from taking a connection to the last byte: http_req_duration alone leaves connecting out. */
export const serviceOf = ({ timings }: RefinedResponse<ResponseType | undefined>): number =>
  timings.blocked +
  timings.connecting +
  timings.tls_handshaking +
  timings.sending +
  timings.waiting +
  timings.receiving;
