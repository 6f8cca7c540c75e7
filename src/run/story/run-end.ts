/**
 * How a run comes to its end before its time: an abort, trouble of our own, Ctrl-C, or a folder that cannot
 * be written.
 */
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { RunEventBody } from '../../core/events.ts';
import { notWritable } from '../evidence/run-directory.ts';

export interface EndOptions {
  readonly runDir: string;
  /** Aborted with a GauntletError of kind `interrupted` on Ctrl-C. */
  readonly signal: AbortSignal;
  report(body: RunEventBody): void;
}

/** Each cause is reported once, when it comes; the first one ends the run. */
export class RunEnd {
  readonly #options: EndOptions;
  readonly #stop = new AbortController();
  #abortedBecause: string | null = null;
  #isInterruptionTold = false;
  #notWritable: GauntletError | undefined;

  constructor(options: EndOptions) {
    this.#options = options;
    const { signal } = options;
    signal.addEventListener('abort', () => this.#stop.abort(signal.reason), { once: true });
    if (signal.aborted) this.#stop.abort(signal.reason);
  }

  /** Aborted when the run must come to its end: Ctrl-C, an abort limit, a load that died, a lost lease. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get abortedBecause(): string | null {
    return this.#abortedBecause;
  }

  /** What kept the run from being written down; undefined when nothing did. */
  get notWritable(): GauntletError | undefined {
    return this.#notWritable;
  }

  /** Whether this is what ends the run: false when it was being ended already. */
  abort(why: string): boolean {
    if (this.stopped.aborted) return false;
    this.#abortedBecause = why;
    this.#options.report({ kind: 'abort', why });
    this.#stop.abort(endedBy(why));
    return true;
  }

  /** Ends the run because of trouble of our own: INVALID, and nothing that counts against the target. */
  fail(why: string): void {
    if (this.stopped.aborted) return;
    this.#options.report({ kind: 'failed', why });
    this.#stop.abort(endedBy(why));
  }

  /** What cannot be written down is not measured: the run comes to its end, undoing what it did. */
  breakOff(error: unknown): void {
    if (this.#notWritable !== undefined) return;
    this.#notWritable = error instanceof GauntletError ? error : notWritable(this.#options.runDir, error);
    this.abort(`the run directory cannot be written: ${messageOf(error)}`);
  }

  /**
   * Reports, once, that a person or the system ended the run. A signal that comes while the load drains cuts
   * it short too: the run is not whole, however far it had come.
   */
  noteInterruption(): void {
    const { signal } = this.#options;
    const why = signal.reason instanceof GauntletError ? signal.reason : null;
    // A defect ends a run by the same signal and is told as a failure.
    if (!signal.aborted || this.#isInterruptionTold || why?.kind === 'defect') return;
    this.#isInterruptionTold = true;
    this.#options.report({ kind: 'interrupted', signal: why?.problems[0]?.got ?? 'a signal' });
  }
}

/** Told already when it is thrown: the story does not report it again. */
const endedBy = (why: string): GauntletError =>
  new GauntletError('interrupted', [{ subject: 'run', expected: 'to end by itself', got: why }]);

/** What a run was asked for before it was there. @throws defect. */
export function present<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new GauntletError('defect', [
    { subject: 'run', expected: `${what} before it is used`, got: 'nothing' },
  ]);
}
