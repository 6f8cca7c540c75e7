/** What the hops for HTTP/1.1 and gRPC share: who they are to a link, and what they ask about each request. */
import type { Upstream } from './connection.ts';

export interface Interposer {
  /** Where a link finds it. */
  readonly upstream: Upstream;
  close(): void;
}

/** What is done to one request. */
export interface RequestVerdict {
  /** Resolves when it goes on, which is at the latest when its rule ends. Null: it goes on at once. */
  readonly held: Promise<void> | null;
  /** Null: it goes to the server. */
  readonly status: number | null;
}

/** Called once for each request, in their order. `path` is without query. */
export type RequestJudge = (method: string, path: string) => RequestVerdict;
