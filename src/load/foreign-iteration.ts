/**
 * One iteration of a foreign script, from its rows: how long at least one of its requests was under way, and
 * whether it was good.
 */
import type { ForeignRow } from './foreign-rows.ts';

/** In ns since the reader's base second. */
interface Interval {
  readonly fromNs: number;
  readonly toNs: number;
}

export interface IterationStep {
  readonly name: string;
  readonly serviceUs: number;
}

/** k6's error codes (lib/netext/httpext/error_codes.go) that have words, as in scenarios/gauntlet.ts. */
const WORDS: Readonly<Record<string, string>> = {
  1020: 'invalid-url',
  1050: 'timeout',
  1101: 'no-such-host',
  1201: 'broken-pipe',
  1210: 'dial-failed',
  1211: 'dial-timeout',
  1212: 'refused',
  1220: 'reset',
};

/** An outcome is a word in files and tables. */
const LONGEST_WORD = 80;

export class ForeignIteration {
  readonly scenario: string;
  readonly #requests: (Interval & { readonly step: string })[] = [];
  #lastNs: number;
  #durationMs = 0;
  #threw = false;
  #hasChecks = false;
  #failedCheck: string | undefined;
  #noAnswer: string | undefined;
  #unexpected: string | undefined;

  constructor(scenario: string, startNs: number) {
    this.scenario = scenario;
    this.#lastNs = startNs;
  }

  get hasRequests(): boolean {
    return this.#requests.length > 0;
  }

  threw(): void {
    this.#threw = true;
  }

  checked({ check, value, atNs }: ForeignRow): void {
    this.#hasChecks = true;
    if (value === 0) this.#failedCheck ??= check;
    this.#lastNs = Math.max(this.#lastNs, atNs);
  }

  /** The first of the two rows of an HTTP request: the second has the time until it was sent. */
  timed({ value }: ForeignRow): void {
    this.#durationMs = value;
  }

  /** Its second row. */
  requested(row: ForeignRow, step: string): void {
    const { atNs, value, status, errorCode, expected } = row;
    const tookNs = Math.round((this.#durationMs + value) * 1e6);
    // Without a connection k6 has no timings: since what came before it, an upper bound and never 0.
    this.#took(tookNs > 0 ? atNs - tookNs : this.#lastNs, atNs, step);
    if (status === '0') this.#noAnswer ??= WORDS[errorCode] ?? `error-${errorCode || 'unknown'}`;
    else if (expected === 'false') this.#unexpected ??= `http-${status}`;
  }

  called({ atNs, value, status }: ForeignRow, step: string): void {
    this.#took(atNs - Math.round(value * 1e6), atNs, step);
    if (status !== '' && status !== '0') this.#unexpected ??= `grpc-${status}`;
  }

  /** First match; `ok` when nothing was bad. */
  outcome(): string {
    if (this.#threw) return 'threw';
    if (this.#failedCheck !== undefined) return `check:${this.#failedCheck}`.slice(0, LONGEST_WORD);
    if (this.#noAnswer !== undefined) return this.#noAnswer;
    if (!this.#hasChecks && this.#unexpected !== undefined) return this.#unexpected;
    return 'ok';
  }

  /** The union of its requests: parallel ones are not added twice, sleeps do not count. */
  serviceUs(): number {
    return unionNs(this.#requests) / 1000;
  }

  /** The same for each step. */
  steps(): readonly IterationStep[] {
    const names = [...new Set(this.#requests.map((one) => one.step))].filter((name) => name !== '');
    return names.map((name) => {
      const own = this.#requests.filter((one) => one.step === name);
      return { name, serviceUs: unionNs(own) / 1000 };
    });
  }

  #took(fromNs: number, toNs: number, step: string): void {
    this.#requests.push({ fromNs, toNs, step });
    this.#lastNs = Math.max(this.#lastNs, toNs);
  }
}

function unionNs(intervals: readonly Interval[]): number {
  const sorted = [...intervals].sort((a, b) => a.fromNs - b.fromNs);
  let [total, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { fromNs, toNs } of sorted) {
    total += Math.max(0, toNs - Math.max(fromNs, until));
    until = Math.max(until, toNs);
  }
  return total;
}
