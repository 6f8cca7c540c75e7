/** Error answers of an API server, or of the network in between, as errors that a user can act on. */
import { GauntletError } from '../../core/errors.ts';

/** The fields of a `Status` object that explain it. */
export interface ApiStatus {
  readonly kind?: string;
  /** `Success` or `Failure`. */
  readonly status?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    /** The object in the request. */
    readonly name?: string;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
    readonly retryAfterSeconds?: number;
  };
}

/** A `Status` from a peer: omits fields of another type, so that none can be mistaken for something else. */
export function apiStatus(value: unknown): ApiStatus {
  if (typeof value !== 'object' || value === null) return {};
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string): object => (typeof fields[name] === 'string' ? { [name]: fields[name] } : {});
  const { code, details } = fields;
  return {
    ...text('kind'),
    ...(Number.isSafeInteger(code) && { code: code as number }),
    ...text('reason'),
    ...text('message'),
    ...text('status'),
    ...(typeof details === 'object' && details !== null && { details: statusDetails(details) }),
  };
}

function statusDetails(value: object): NonNullable<ApiStatus['details']> {
  const { name, causes, retryAfterSeconds } = value as Readonly<Record<string, unknown>>;
  return {
    ...(typeof name === 'string' && { name }),
    ...(Array.isArray(causes) && { causes: causes.map((one: unknown) => apiStatus(one)) }),
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds: retryAfterSeconds as number }),
  };
}

/** An answer that is not 2xx. The caller decides by the status; uncaught, it is an error for the user. */
export class ApiError extends GauntletError {
  readonly status: number;
  readonly answer: ApiStatus;

  constructor(server: string, what: string, status: number, answer: ApiStatus) {
    const said = answer.message ?? answer.reason ?? 'nothing';
    super(status === 403 ? 'refused' : 'unavailable', [problemOf(server, what, status, said)]);
    this.status = status;
    this.answer = answer;
  }
}

function problemOf(
  server: string,
  what: string,
  status: number,
  said: string,
): { subject: string; expected: string; got: string; next?: string } {
  const subject = `${what} at ${server}`;
  if (status === 401) {
    return {
      subject,
      expected: 'credentials that the API server accepts',
      got: `401 ${said}`,
      next: 'The token or certificate of this context has expired or was revoked: log in again and repeat.',
    };
  }
  // No Role permits what admission forbids.
  if (status === 403 && said.includes('violates PodSecurity')) {
    return {
      subject,
      expected: 'a namespace whose Pod Security level admits it',
      got: said,
      next: 'Rules in a pod need its level privileged; kubernetes: { network: network-policy } and deletion of pods do not.',
    };
  }
  if (status === 403) {
    return {
      subject,
      expected: 'the permission for it',
      got: said,
      next: 'The minimal Role that Gauntlet needs: gauntlet rbac <target>',
    };
  }
  return { subject, expected: 'an answer', got: `${status} ${said}` };
}

/** No answer at all: refused, reset, too slow, an invalid certificate. */
export class ApiUnreachable extends GauntletError {
  /** True when the request may have been executed: it was sent, only its answer is missing. */
  readonly wasSent: boolean;

  constructor(server: string, what: string, got: string, wasSent: boolean, cause?: unknown) {
    super('unavailable', [{ subject: `${what} at ${server}`, expected: 'an answer', got }], { cause });
    this.wasSent = wasSent;
  }
}
