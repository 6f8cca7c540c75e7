/**
 * The measuring wrapper: one sample when a request is sent, one when it is answered. Gauntlet does everything
 * else.
 */
import { Counter, Trend } from 'k6/metrics';
import { testRunMs } from './here.ts';

/** The parts of one request's time, in ms. */
export interface Spent {
  /** TCP and TLS set-up of a connection for this request; 0 when one was available. */
  readonly connectMs: number;
  /** Everything else, from requesting a connection to the last byte. */
  readonly restMs: number;
}

const started = new Counter('gauntlet_started');
/**
 * In ms: the time of the server and the network, without connecting, which has its own sample below: the
 * harness adds the two.
 */
const service = new Trend('gauntlet_service_ms', true);
const connected = new Trend('gauntlet_connect_ms', true);
/** In ms, connecting included: one request of an iteration that has several. */
const step = new Trend('gauntlet_step_ms', true);

/** Whether this VU has an arrival that was started and has no end yet. */
let open = false;

/** Call it when only the sending is left: its sample's time is the send time. */
export function markStarted(): void {
  open = true;
  started.add(1);
}

/** @param outcome `ok`, or a word for the failure, without `&`, `=` and commas (k6 does not escape tags). */
export function markAnswered(serviceMs: number, outcome: string): void {
  open = false;
  service.add(Math.max(0, serviceMs), { outcome: outcome.replace(/[^a-z0-9_.-]/gi, '-') });
}

/** The script has thrown: the arrival has no answer, and the script is the cause. */
export function markThrown(): void {
  if (!open) markStarted();
  markAnswered(0, 'script-error');
}

export const markConnected = (connectMs: number): void => connected.add(Math.max(0, connectMs));

/** A finished HTTP request. Most have found a connection and cost one sample. */
export function markRequest({ connectMs, restMs }: Spent, outcome: string): void {
  if (connectMs > 0) markConnected(connectMs);
  markAnswered(restMs, outcome);
}

/** An iteration of several requests, one after another: its service time is their sum. */
export interface Journey {
  /** @param name of the step, of letters, digits, `_`, `-` and dots. */
  took(name: string, spent: Spent): void;
  /** Call it once, whatever the result of the last step. */
  end(outcome: string): void;
}

export function journey(): Journey {
  let restMs = 0;
  return {
    took(name, spent) {
      if (spent.connectMs > 0) markConnected(spent.connectMs);
      restMs += spent.restMs;
      step.add(Math.max(0, spent.connectMs + spent.restMs), { step: name });
    },
    end: (outcome) => markAnswered(restMs, outcome),
  };
}

/**
 * Ms since the test began, with a fraction down to nanoseconds. The only such clock of a k6 2.2 script:
 * Date.now() has whole ms and there is no `performance`. It is *not* monotonic: k6 computes
 * time.Now().UnixNano() minus the start (lib/execution.go), so a step of the wall clock shifts it; the run
 * reports such a step. One reading costs about 13 µs (measured), so it is used only where k6 itself gives no
 * timing; compared with k6's own grpc_req_duration it reads 0.1 to 0.5 ms more (JSON and protobuf, measured).
 */
export const preciseMs = (): number => testRunMs();
