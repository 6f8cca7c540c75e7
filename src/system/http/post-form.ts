/** One form, posted once: see send-once.ts. */
import type { TlsAccess } from '../../core/access.ts';
import type { Ms } from '../../core/units.ts';
import { sendOnce } from './send-once.ts';

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
  { form, headers, ...how }: FormPost,
): Promise<{ readonly status: number; readonly body: string }> {
  const body = new URLSearchParams(form).toString();
  return await sendOnce(url, {
    ...how,
    method: 'POST',
    body,
    mostBytes: MOST_BYTES,
    headers: {
      ...headers,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
    },
  });
}
