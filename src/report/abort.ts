/** The report of an abort: how fast the run noticed, and how fast everything was removed. */
import type { Result } from '../core/result.ts';
import { formatMs } from '../core/units.ts';

/** Null: the run was not aborted, or ran in a version that did not measure it. */
export function abortText(result: Pick<Result, 'abort' | 'faults'>): string | null {
  const { abort } = result;
  if (!abort) return null;
  const noticed =
    abort.detectedAfterMs === null
      ? 'no condition on the load was timed'
      : `noticed ${formatMs(abort.detectedAfterMs)} after the condition held`;
  return `Aborted: ${noticed}; ${undoneText(abort.undoneAfterMs, result.faults)}.`;
}

function undoneText(undoneAfterMs: number | null, faults: Result['faults']): string {
  if (undoneAfterMs !== null) return `every fault was proven gone ${formatMs(undoneAfterMs)} later`;
  const open = faults.filter((fault) => fault.appliedAt !== null && fault.removedAt === null);
  if (open.length === 0) return 'no fault was in place';
  return `NOT proven gone: ${open.map((fault) => fault.name).join(', ')}`;
}
