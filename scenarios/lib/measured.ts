/** The measuring wrapper: one sample when a request is sent, one when it is answered. Everything else is Gauntlet's. */
import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';

const started = new Counter('gauntlet_started');
/** In ms: what the server and the network did, connecting included. */
const service = new Trend('gauntlet_service_ms', true);
const connected = new Trend('gauntlet_connect_ms', true);

/** Call it when everything but the sending is done: its sample's time is the send time. */
export const markStarted = (): void => started.add(1);

/** @param outcome `ok`, or a word for what went wrong, without `&`, `=` and commas (k6 does not escape tags). */
export const markAnswered = (serviceMs: number, outcome: string): void =>
  service.add(Math.max(0, serviceMs), { outcome: outcome.replace(/[^a-z0-9_.-]/gi, '-') });

export const markConnected = (connectMs: number): void => connected.add(Math.max(0, connectMs));

/**
 * Monotonic ms with nanoseconds behind the point. The only such clock a k6 2.2 script has: Date.now() has whole ms and there is no
 * `performance`. One reading costs about 13 µs (measured), so it is used where k6 gives no timing itself.
 */
export const monotonicMs = (): number => exec.instance.currentTestRunDuration;
