/**
 * The measuring wrapper: one sample when a request is sent, one when it is answered. Everything else is
 * Gauntlet's.
 */
import { Counter, Trend } from 'k6/metrics';
import { testRunMs } from './here.ts';

/** Where the time of one request went, in ms. */
export interface Spent {
  /** TCP and TLS set-up of a connection that was made for this request; 0 when one was at hand. */
  readonly connectMs: number;
  /** Everything else, from asking for a connection to the last byte. */
  readonly restMs: number;
}

const started = new Counter('gauntlet_started');
/** In ms: what the server and the network did, without connecting, which has a sample of its own below: the harness adds the two. */
const service = new Trend('gauntlet_service_ms', true);
const connected = new Trend('gauntlet_connect_ms', true);
/** In ms, connecting included: one request of an iteration that has several. */
const step = new Trend('gauntlet_step_ms', true);

/** Whether this VU has an arrival that was started and has no end yet. */
let open = false;

/** Call it when everything but the sending is done: its sample's time is the send time. */
export function markStarted(): void {
  open = true;
  started.add(1);
}

/**
 * @param outcome `ok`, or a word for what went wrong, without `&`, `=` and commas (k6 does not escape tags).
 */
export function markAnswered(serviceMs: number, outcome: string): void {
  open = false;
  service.add(Math.max(0, serviceMs), { outcome: outcome.replace(/[^a-z0-9_.-]/gi, '-') });
}

/** The script has thrown: the arrival has neither an answer nor anybody but the script to blame. */
export function markThrown(): void {
  if (!open) markStarted();
  markAnswered(0, 'script-error');
}

export const markConnected = (connectMs: number): void => connected.add(Math.max(0, connectMs));

/** An HTTP request that is over. Most have found a connection and cost one sample. */
export function markRequest({ connectMs, restMs }: Spent, outcome: string): void {
  if (connectMs > 0) markConnected(connectMs);
  markAnswered(restMs, outcome);
}

/** An iteration of several requests, one after another: its service time is their sum. */
export interface Journey {
  /** @param name of the step, of letters, digits, `_`, `-` and dots. */
  took(name: string, spent: Spent): void;
  /** Call it once, whatever has become of the last step. */
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
 * Ms since the test began, with nanoseconds behind the point. The only such clock a k6 2.2 script has:
 * Date.now() has whole ms and there is no `performance`. It is *not* monotonic: k6 takes
 * time.Now().UnixNano() minus the start (lib/execution.go), so that a step of the wall clock shifts it; a run
 * that saw a step says so. One reading costs about 13 µs (measured), so it is used only where k6 gives no
 * timing itself; against k6's own grpc_req_duration it reads 0.1 to 0.5 ms more (JSON and protobuf,
 * measured).
 */
export const preciseMs = (): number => testRunMs();
