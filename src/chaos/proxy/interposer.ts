/** What the hops for HTTP/1.1 and gRPC share: who they are to a link, and what they ask about each request. */
import type { Upstream } from './connection.ts';

export interface Interposer {
  /** Where a link finds it. */
  readonly upstream: Upstream;
  close(): void;
}

/** What is done to one request. */
export interface RequestVerdict {
  readonly delayMs: number;
  /** Aborted when the rule ends: nobody waits for a fault that is over. */
  readonly ended: readonly AbortSignal[];
  /** Null: it goes to the server. */
  readonly status: number | null;
}

/** Called once for each request, in their order. `path` is without query. */
export type RequestJudge = (method: string, path: string) => RequestVerdict;

/** The verdict's delay, or less when a rule ends meanwhile. */
export function delay({ delayMs, ended }: RequestVerdict): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const signal of ended) signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    for (const signal of ended) signal.addEventListener('abort', done, { once: true });
  });
}
