/**
 * What the hops for HTTP/1.1 and gRPC share: their address for a link, and the decision about each request.
 */
import type { Upstream } from './connection.ts';

export interface Interposer {
  /** The address that a link dials. */
  readonly upstream: Upstream;
  close(): void;
}

/** The treatment of one request. */
export interface RequestVerdict {
  /**
   * Resolves when the request may continue, at the latest when its rule ends. Null: it continues immediately.
   */
  readonly held: Promise<void> | null;
  /** Null: it goes to the server. */
  readonly status: number | null;
}

/** Called once for each request, in their order. `path` is without query. */
export type RequestJudge = (method: string, path: string) => RequestVerdict;
