/**
 * Reports every 10 s what a removal still waits for: it may take minutes, and an observer must not have to
 * guess.
 */
import type { Clock } from '../../core/clock.ts';
import { formatMs, ms } from '../../core/units.ts';

const EVERY_MS = 10_000;

/**
 * @param what such as `cut-link#1 to be removed`.
 * @returns a function to call at each check, with the reason why it is not over yet.
 */
export function tellWaiting(
  clock: Clock,
  what: string,
  tell: ((text: string) => void) | undefined,
): (reason: string) => void {
  const began = clock.now();
  let told = began;
  return (reason) => {
    const now = clock.now();
    if (tell === undefined || now - told < EVERY_MS) return;
    told = now;
    tell(`waiting for ${what}, for ${formatMs(ms(now - began))} now: ${reason}`);
  };
}
