/**
 * When a process that died is started again. kubelet: the first restart at once, then after 10 s, 20 s, 40 s ... at most
 * 300 s, and from the beginning after 10 min of good life (kubernetes.io, pod lifecycle, container restarts). All of it
 * divided by ten here, so that a crash loop can be watched inside a short campaign.
 */
import { type Ms, ms } from '../../../src/core/units.ts';

export const BACK_OFF = { firstMs: 1000, capMs: 30_000, resetAfterMs: 60_000 } as const;

export const BACK_OFF_TEXT =
  'first restart at once, then 1 s, 2 s, 4 s ... at most 30 s; from the beginning after 60 s of good life (kubelet / 10)';

export class BackOff {
  #delayMs = 0;

  /** How long to wait after a life of this length. */
  next(livedMs: number): Ms {
    if (livedMs >= BACK_OFF.resetAfterMs) this.#delayMs = 0;
    const delay = this.#delayMs;
    this.#delayMs = delay === 0 ? BACK_OFF.firstMs : Math.min(BACK_OFF.capMs, delay * 2);
    return ms(delay);
  }
}
