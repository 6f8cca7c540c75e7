/** A receiver answered, but not with a yes: what it said, and what helps. */
import { plain } from '../../core/plain.ts';
import { redact } from '../../core/secrets.ts';
import type { HttpAnswer } from '../../system/http/ask.ts';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly next: string | null;

  constructor(text: string, next: string | null) {
    super(text);
    this.next = next;
  }
}

/** Of a receiver's own words. */
const MOST_SIGNS = 200;

export const isGood = ({ status }: HttpAnswer): boolean => status >= 200 && status <= 299;

/**
 * @param what was asked of it, such as `the metrics`.
 * @param helps what is known of a status of this receiver.
 */
export function refusalOf(
  what: string,
  answer: HttpAnswer,
  helps: Readonly<Record<number, string>> = {},
): Refusal {
  const { status, body, retryAfterMs } = answer;
  // Redacted whole: a secret that is cut in two would not be found.
  const words = plain(redact(saidIn(body)));
  const said =
    words === '' ? '' : `: ${words.length > MOST_SIGNS ? `${words.slice(0, MOST_SIGNS)}…` : words}`;
  const asks = retryAfterMs === null ? '' : `, it asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
  const isRedirect = status >= 300 && status <= 399;
  const text = isRedirect
    ? `it answers ${what} with a redirect (HTTP ${status}), which is not followed`
    : `it refuses ${what} (HTTP ${status}${asks})${said}`;
  return new Refusal(text, helps[status] ?? (isRedirect ? USE_OTHER : (HELPS[status] ?? null)));
}

const USE_OTHER = 'Write the address that it redirects to as its URL.';
const HELPS: Readonly<Record<number, string>> = {
  401: 'Check its token, or user and password.',
  403: 'Check what its token may do.',
  404: 'Check the path in its URL.',
  429: 'Push again later.',
};

/** `{"message": "…"}` of Grafana, else the text itself. */
function saidIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    return typeof message === 'string' ? message : body;
  } catch {
    return body;
  }
}
