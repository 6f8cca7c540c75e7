/** What a webhook gets: schema `gauntlet.message/1`. Fixed names: extend, never rename. */
import type { Reason, VerdictStatus } from './verdict.ts';

export const MESSAGE_SCHEMA = 'gauntlet.message/1';

/**
 * `requested`: nothing changed, the message was asked for. `recovered`: PASS after another verdict.
 * `worse`, `better`: a change point is confirmed. `quarantine-expired`: a recovery decides again.
 */
export type MessageReason = 'requested' | 'verdict' | 'recovered' | 'worse' | 'better' | 'quarantine-expired';

export interface MessageChange {
  readonly kind: MessageReason;
  /** One sentence. */
  readonly text: string;
}

export interface Message {
  readonly schema: typeof MESSAGE_SCHEMA;
  /** The same for the same night and changes: a receiver can drop what it has. */
  readonly id: string;
  readonly campaign: string;
  /** Name of the target. */
  readonly environment: string;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly verdict: VerdictStatus;
  /** Of the night before. Null: there is none, or it is not known. */
  readonly previous: VerdictStatus | null;
  readonly changes: readonly MessageChange[];
  /** One sentence: the answer. */
  readonly headline: string;
  /** Of the verdict, at most 20. */
  readonly reasons: readonly Reason[];
  /** Left out of the reasons. */
  readonly moreReasons: number;
  /** A URL or a path. Null: kept nowhere that was told. */
  readonly report: string | null;
}
