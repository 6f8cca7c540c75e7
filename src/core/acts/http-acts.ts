/** The acts on requests: what a proxy that understands HTTP/1.1 and gRPC does to those that pass it. */

import type { Ms } from '../units.ts';
import type { LinkPreview } from './link-acts.ts';

/**
 * What is done to requests on links: `method` and `path` (a prefix of whole segments) choose among those of
 * HTTP/1.1, `rpc` (the method's own name, such as EvaluatePlan) among those of gRPC.
 */
export interface HttpFault {
  /** Chosen by the fault and journalled before it is put in place, so that anybody can end it. */
  readonly id: string;
  readonly links: readonly string[];
  readonly protocol: 'http' | 'grpc';
  readonly method?: string;
  readonly path?: string;
  readonly rpc?: string;
  /** Of the chosen requests, from 0 to 1; drawn by the seed. */
  readonly share: number;
  readonly seed: number;
  /** Before the request is handed on or answered. */
  readonly delayMs?: number;
  /** Uniform in ± jitterMs around delayMs. */
  readonly jitterMs?: number;
  /** Answered instead of the server, which does not see the request: of HTTP, or of gRPC (1 to 16). */
  readonly status?: number;
  /** The proxy itself ends it after this time unless it is renewed. */
  readonly ttlMs: number;
}

export interface HttpFaultState {
  readonly id: string;
  readonly links: readonly string[];
  /** Requests since it began that method and path chose, and those of them that were hit. */
  readonly requests: number;
  readonly hits: number;
}

export interface HttpActs {
  /** Those in place now. */
  list(): Promise<readonly HttpFaultState[]>;
  put(fault: HttpFault): Promise<void>;
  /** False when it is not in place any more. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent. */
  end(id: string): Promise<void>;
  /**
   * Only where links are not those of a proxy from the start; reads only. @throws refused where none can be
   * put.
   */
  preview?(links: readonly string[]): Promise<LinkPreview>;
}
