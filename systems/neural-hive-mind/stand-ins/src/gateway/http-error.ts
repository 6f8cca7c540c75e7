/**
 * FastAPI's HTTPException: a status and a detail, and `500: detail` as its text, which leaks into outer
 * messages.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly detail: string;

  constructor(status: number, detail: string, options?: ErrorOptions) {
    super(`${status}: ${detail}`, options);
    this.status = status;
    this.detail = detail;
  }
}
