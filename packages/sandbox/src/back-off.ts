/**
 * The delay before a dead process is restarted. kubelet: the first restart immediately, then after 10 s, 20
 * s, 40 s ... at most 300 s, with a reset after 10 min without a failure (kubernetes.io, pod lifecycle,
 * container restarts). The sandbox divides all of it by ten, so that a crash loop fits into a short campaign.
 */
import { type Ms, ms } from '../../../src/core/units.ts';

export const BACK_OFF = { firstMs: 1000, capMs: 30_000, resetAfterMs: 60_000 } as const;

export const BACK_OFF_TEXT =
  'first restart immediately, then after 1 s, 2 s, 4 s ... at most 30 s; reset after 60 s without a failure (kubelet / 10)';

export class BackOff {
  #delayMs = 0;

  /** The delay after a life of this length. */
  next(livedMs: number): Ms {
    if (livedMs >= BACK_OFF.resetAfterMs) this.#delayMs = 0;
    const delay = this.#delayMs;
    this.#delayMs = delay === 0 ? BACK_OFF.firstMs : Math.min(BACK_OFF.capMs, delay * 2);
    return ms(delay);
  }
}
