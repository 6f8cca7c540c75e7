/** What a supervisor tells of the ready instances of a service: the answer to `GET /ready`. */
import type { EpochMs } from '../../core/units.ts';

export interface ReadyChange {
  readonly at: EpochMs;
  /** So many from that instant on. */
  readonly ready: number;
}

export interface ReadyChanges {
  readonly changes: readonly ReadyChange[];
  /** How many changes there were in all: asked with it, the next answer goes on from here. */
  readonly seen: number;
  /** Changes in between that are not kept any more. */
  readonly missed: number;
  /** Complete up to this instant. */
  readonly now: EpochMs;
}
