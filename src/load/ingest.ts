/**
 * What turns the sample stream of one k6 process into arrivals: of a scenario of ours, or a foreign script.
 */
import type { ScriptEnd } from '../core/foreign-script.ts';
import type { EpochMs } from '../core/units.ts';
import type { FlowMatcher } from '../measure/flow-matcher.ts';
import type { ExpectedDue } from '../measure/ledger.ts';
import type { LoadEnding } from './expected-due.ts';

/**
 * How far behind the newest timestamp events are ranked: k6 batches for 50 ms and flushes every 200 ms; the
 * rest is margin.
 */
export const LAG_NS = 2e9;

export interface Ingest {
  push(chunk: Buffer): void;
  /** The stream has ended. Open arrivals are interrupted, with the last known instant as their bound. */
  end(ending: LoadEnding): void;
  matcher(flow: string): FlowMatcher | undefined;
  /** The newest sample's timestamp. */
  newest(): EpochMs;
  /** The earliest start of its executors; null before one is known. */
  scheduleStart(): EpochMs | null;
  /** By the schedule's own formula: how many arrivals of a flow must exist; undefined where none says so. */
  expectedDue(flow: string, ending: LoadEnding): ExpectedDue | undefined;
  /** Problems that invalidate the numbers of a flow, as sentences; empty without any. */
  problems(flow: string): string[];
  /** Of a foreign script: what belongs to no arrival. */
  scriptEnd?(): Omit<ScriptEnd, 'crossed'>;
}
