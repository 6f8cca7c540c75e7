/**
 * A token that is renewed before it expires, with one request at a time: the token endpoint sees one client,
 * however many virtual users send the token.
 */
import type { Clock } from '../../core/clock.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import { type Grant, TokenRefusal } from './client-credentials.ts';

export interface TokenListeners {
  /** A renewal failed, for the first time since one succeeded; with the reason and the time that is left. */
  trouble(why: string, leftMs: Ms): void;
  /** Once: it expired, and nothing can be sent any more. */
  expired(why: string): void;
}

export interface RenewerOptions {
  readonly clock: Clock;
  /** As askForToken. */
  ask(signal: AbortSignal): Promise<Grant>;
}

/** What a virtual user is told: when to ask again, and until when it may send. */
export interface HeldToken {
  readonly token: string;
  readonly askAgainAt: EpochMs;
  readonly goodUntil: EpochMs;
}

interface Held {
  readonly token: string;
  readonly renewAt: EpochMs;
  readonly goodUntil: EpochMs;
}

/** The part of its life after which a token is renewed. */
const RENEW_AFTER = 0.7;
/** Not sent in the last part of its life: a request is on its way for a while. */
const MARGIN_SHARE = 0.05;
const MOST_MARGIN_MS = 1000;
const FIRST_WAIT_MS = 250;
const MOST_WAIT_MS = 5000;
/** Renewing takes a while: who asks at that instant gets the token before. */
const RENEWAL_MS = 500;

export class TokenRenewer {
  readonly #options: RenewerOptions;
  readonly #over = new AbortController();
  #held: Held;
  #listeners: Partial<TokenListeners> = {};
  #failure: string | undefined;
  #isExpired = false;

  private constructor(options: RenewerOptions, held: Held) {
    this.#options = options;
    this.#held = held;
    void this.#keep().catch(() => undefined);
    void this.#watch().catch(() => undefined);
  }

  /** Gets the first token. @throws as `ask`, after three attempts where another may succeed. */
  static async open(options: RenewerOptions, signal: AbortSignal): Promise<TokenRenewer> {
    const { clock } = options;
    for (let attempt = 1; ; attempt += 1) {
      const from = clock.now();
      try {
        return new TokenRenewer(options, heldOf(await options.ask(signal), from));
      } catch (error) {
        signal.throwIfAborted();
        const isFinal = error instanceof TokenRefusal && !error.mayPass;
        if (isFinal || attempt === 3) throw error;
      }
      await clock.sleep(ms(500 * attempt), signal);
    }
  }

  /** Undefined: it expired, and could not be renewed. */
  current(): string | undefined {
    return this.#options.clock.now() < this.#held.goodUntil ? this.#held.token : undefined;
  }

  /** Undefined: as `current`. */
  held(): HeldToken | undefined {
    const { token, renewAt, goodUntil } = this.#held;
    const now = this.#options.clock.now();
    if (now >= goodUntil) return undefined;
    // Overdue: it is being renewed, or the endpoint is down.
    const next = Math.max(renewAt + RENEWAL_MS, now + waitFor(ms(goodUntil - now), 2));
    return { token, goodUntil, askAgainAt: epochMs(Math.min(next, goodUntil)) };
  }

  /** What failed before is told at once. */
  listen(listeners: TokenListeners): void {
    this.#listeners = listeners;
    if (this.#isExpired) listeners.expired(this.#why());
  }

  close(): void {
    this.#over.abort(new GauntletError('interrupted', []));
  }

  async #keep(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#over;
    for (;;) {
      await clock.sleep(ms(this.#held.renewAt - clock.now()), signal);
      for (let failures = 0; !(await this.#renewed()); failures += 1) {
        signal.throwIfAborted();
        await clock.sleep(waitFor(ms(this.#held.goodUntil - clock.now()), failures), signal);
      }
    }
  }

  async #renewed(): Promise<boolean> {
    const { clock, ask } = this.#options;
    const from = clock.now();
    try {
      this.#held = heldOf(await ask(this.#over.signal), from);
      this.#failure = undefined;
      return true;
    } catch (error) {
      if (this.#over.signal.aborted) return false;
      const isFirst = this.#failure === undefined;
      this.#failure = messageOf(error);
      if (isFirst) this.#listeners.trouble?.(this.#failure, ms(this.#held.goodUntil - clock.now()));
      return false;
    }
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    for (let left = this.#left(); left > 0; left = this.#left())
      await clock.sleep(ms(left), this.#over.signal);
    this.#isExpired = true;
    this.#listeners.expired?.(this.#why());
  }

  #left(): number {
    return this.#held.goodUntil - this.#options.clock.now();
  }

  #why(): string {
    return this.#failure ?? 'the token endpoint has not answered yet';
  }
}

/** Ever shorter as the end comes near, so that no chance to renew is slept away. */
const waitFor = (leftMs: Ms, failures: number): Ms =>
  ms(
    Math.max(FIRST_WAIT_MS, Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures, 10), MOST_WAIT_MS, leftMs / 4)),
  );

function heldOf({ token, lifetimeMs }: Grant, askedAt: EpochMs): Held {
  const marginMs = Math.min(MOST_MARGIN_MS, lifetimeMs * MARGIN_SHARE);
  return {
    token,
    renewAt: epochMs(askedAt + lifetimeMs * RENEW_AFTER),
    goodUntil: epochMs(askedAt + lifetimeMs - marginMs),
  };
}
