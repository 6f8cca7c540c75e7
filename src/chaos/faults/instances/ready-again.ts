/** The condition at the end of every fault on instances: as many of them ready as before. */
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import type { RemovalState } from '../../fault.ts';

/** @returns why the fault is not over; null when as many are ready as before. */
export function notReadyAgain(
  now: readonly InstanceState[],
  before: { readonly service: string; readonly readyBefore: number },
): RemovalState | null {
  const ready = now.filter((one) => one.ready).length;
  if (ready >= before.readyBefore) return null;
  const evidence = `${ready} of ${before.readyBefore} instances of ${before.service} are ready`;
  return { gone: false, evidence };
}

export const sayReady = (now: readonly InstanceState[], before: { readonly readyBefore: number }): string =>
  `${now.filter((one) => one.ready).length} of ${before.readyBefore} instances are ready`;
