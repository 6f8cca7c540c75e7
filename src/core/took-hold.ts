/** Whether a fault counts as injected: it was seen in place, and so was all that had to be in place with it. */
import type { FaultRecord } from './result.ts';

/** Null: it counts. Else why nothing that was measured around it may be called its effect. Pure. */
export function whyNotInjected(fault: FaultRecord): string | null {
  if (fault.status === 'not-injected') return fault.injection?.evidence ?? 'no evidence';
  return fault.group?.spoiled ?? null;
}
