/**
 * A signal with a deadline. Not AbortSignal.any over AbortSignal.timeout: nothing holds the latter there, and
 * once it is collected it never fires (seen on Node 20.20). The request of a server that says nothing would
 * then wait for good.
 */
export interface Deadline {
  /** Aborted as the given one, or with a TimeoutError. */
  readonly signal: AbortSignal;
  /** When the request has ended. */
  clear(): void;
}

export function deadlineOf(given: AbortSignal, timeoutMs: number): Deadline {
  const over = new AbortController();
  const pass = (): void => over.abort(given.reason);
  const timer = setTimeout(() => {
    over.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
  }, timeoutMs);
  if (given.aborted) pass();
  else given.addEventListener('abort', pass, { once: true });
  return {
    signal: over.signal,
    clear() {
      clearTimeout(timer);
      given.removeEventListener('abort', pass);
    },
  };
}
