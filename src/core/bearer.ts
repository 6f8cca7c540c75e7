/**
 * The bearer token of this process, as `${token}` in a question has it. One at a time and global, as the
 * secrets are: a question is asked from anywhere, and a token that is renewed is no plain data.
 */
let source: (() => string | undefined) | undefined;

/** @returns ends it. */
export function sendBearer(current: () => string | undefined): () => void {
  source = current;
  return () => {
    if (source === current) source = undefined;
  };
}

/** Undefined: none is sent, or it expired. */
export const bearerNow = (): string | undefined => source?.();
