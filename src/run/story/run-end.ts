/** How a run ends early: an abort, trouble of our own, Ctrl-C, or a folder that cannot be written. */
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { RunEventBody } from '../../core/events.ts';
import { notWritable } from '../evidence/run-directory.ts';

export interface EndOptions {
  readonly runDir: string;
  /** Aborted with a GauntletError of kind `interrupted` on Ctrl-C. */
  readonly signal: AbortSignal;
  report(body: RunEventBody): void;
}

/** Each cause is reported once, when it occurs; the first one ends the run. */
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

  /** Aborted when the run must end: Ctrl-C, an abort limit, a load that died, a lost lease. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get abortedBecause(): string | null {
    return this.#abortedBecause;
  }

  /** What prevented writing the run; undefined when nothing did. */
  get notWritable(): GauntletError | undefined {
    return this.#notWritable;
  }

  /** Whether this call ends the run: false when it was ending already. */
  abort(why: string): boolean {
    if (this.stopped.aborted) return false;
    this.#abortedBecause = why;
    this.#options.report({ kind: 'abort', why });
    this.#stop.abort(endedBy(why));
    return true;
  }

  /** Ends the run because of trouble of our own: INVALID, and no evidence against the target. */
  fail(why: string): void {
    if (this.stopped.aborted) return;
    this.#options.report({ kind: 'failed', why });
    this.#stop.abort(endedBy(why));
  }

  /** Data that cannot be written is not measured: the run ends, and undoes its faults. */
  breakOff(error: unknown): void {
    if (this.#notWritable !== undefined) return;
    this.#notWritable = error instanceof GauntletError ? error : notWritable(this.#options.runDir, error);
    this.abort(`the run directory cannot be written: ${messageOf(error)}`);
  }

  /**
   * Reports, once, that a person or the system ended the run. A signal while the load drains cuts it short
   * too: the run is incomplete, however far it had come.
   */
  noteInterruption(): void {
    const { signal } = this.#options;
    const why = signal.reason instanceof GauntletError ? signal.reason : null;
    // A defect ends a run by the same signal and is reported as a failure.
    if (!signal.aborted || this.#isInterruptionTold || why?.kind === 'defect') return;
    this.#isInterruptionTold = true;
    this.#options.report({ kind: 'interrupted', signal: why?.problems[0]?.got ?? 'a signal' });
  }
}

/** Already reported when it is thrown: the story does not report it again. */
const endedBy = (why: string): GauntletError =>
  new GauntletError('interrupted', [{ subject: 'run', expected: 'to end by itself', got: why }]);

/** A part of a run was requested before it existed. @throws defect. */
export function present<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new GauntletError('defect', [
    { subject: 'run', expected: `${what} before it is used`, got: 'nothing' },
  ]);
}
