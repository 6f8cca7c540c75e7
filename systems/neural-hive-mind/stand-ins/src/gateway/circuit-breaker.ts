/**
 * The gateway's breaker around Redis: `threshold` failures open it for `openMs`, then one trial call is
 * allowed (half-open). Failures need not be consecutive: only the success of a half-open call resets the
 * count, as in redis_client.py.
 */
export interface BreakerOptions {
  readonly threshold: number;
  readonly openMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * The caller stopped waiting: no evidence about the dependency, so neither a failure nor a success.
 */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';
}

export class BreakerOpenError extends Error {
  override readonly name = 'BreakerOpenError';
}

export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openedAt: number | null = null;
  #trying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openedAt === null) return 'closed';
    return this.#options.now() - this.#openedAt >= this.#options.openMs ? 'half-open' : 'open';
  }

  /** @throws BreakerOpenError without a call, or the error of the call. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const state = this.state;
    if (state === 'open' || (state === 'half-open' && this.#trying)) {
      throw new BreakerOpenError('Circuit breaker is open');
    }
    this.#trying = state === 'half-open';
    try {
      const value = await call();
      if (state === 'half-open') {
        this.#failures = 0;
        this.#openedAt = null;
      }
      return value;
    } catch (error) {
      if (error instanceof AbandonedError) throw error;
      this.#failures += 1;
      if (state === 'half-open' || (this.#openedAt === null && this.#failures >= this.#options.threshold)) {
        this.#openedAt = this.#options.now();
      }
      throw error;
    } finally {
      if (state === 'half-open') this.#trying = false;
    }
  }
}
