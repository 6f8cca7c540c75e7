/** The acts on requests, done by a proxy that understands HTTP/1.1 and gRPC. */

import type { Ms } from '../units.ts';
import type { LinkPreview } from './link-acts.ts';

/**
 * What is done to requests on links. `method` and `path` (a prefix of whole segments) select HTTP/1.1
 * requests; `rpc` (the method's own name, such as EvaluatePlan) selects gRPC requests.
 */
export interface HttpFault {
  /** Chosen by the fault and journalled before the act, so that any process can end it. */
  readonly id: string;
  readonly links: readonly string[];
  readonly protocol: 'http' | 'grpc';
  readonly method?: string;
  readonly path?: string;
  readonly rpc?: string;
  /** Share of the selected requests that is hit, from 0 to 1; drawn from the seed. */
  readonly share: number;
  readonly seed: number;
  /** Added before the request is forwarded or answered. */
  readonly delayMs?: number;
  /** Uniform in ± jitterMs around delayMs. */
  readonly jitterMs?: number;
  /**
   * The proxy answers with this, and the server does not see the request. HTTP status, or gRPC code (1 to
   * 16).
   */
  readonly status?: number;
  /** The proxy itself ends it after this time unless it is renewed. */
  readonly ttlMs: number;
}

export interface HttpFaultState {
  readonly id: string;
  readonly links: readonly string[];
  /** Since the act began: requests that method and path selected, and those of them that were hit. */
  readonly requests: number;
  readonly hits: number;
}

export interface HttpActs {
  /** The acts that are in place now. */
  list(): Promise<readonly HttpFaultState[]>;
  put(fault: HttpFault): Promise<void>;
  /** False when it is not in place any more. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent. */
  end(id: string): Promise<void>;
  /**
   * Present only where links do not pass through a proxy from the start. Reads only.
   * @throws refused where no proxy can be inserted.
   */
  preview?(links: readonly string[]): Promise<LinkPreview>;
}
