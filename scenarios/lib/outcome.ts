/**
 * The meaning of an answer of the gateway. The status line is not enough: the gateway also answers 200 to
 * duplicates.
 */
import type { Answer } from '../gauntlet.ts';

const GOOD = ['processed', 'processed_low_confidence', 'routed_to_validation'];

/** The id that the gateway returned; null without one. */
export function intentIdOf(answer: Answer): string | null {
  const id = parsed(answer.body)?.intent_id;
  return typeof id === 'string' ? id : null;
}

/** Of reading an intention. */
export const readBackOutcome =
  (intentId: string | null) =>
  (answer: Answer): string => {
    if (answer.status !== 200) return `http-${answer.status}`;
    return intentIdOf(answer) === intentId ? 'ok' : 'error-body';
  };

export function gatewayOutcome(answer: Answer): string {
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
