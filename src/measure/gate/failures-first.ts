import type { GateMetric } from '../../core/gate.ts';
import type { ObjectiveStatus } from '../../core/result.ts';

type Judged = GateMetric & { readonly status: ObjectiveStatus; readonly note: string | null };

/** Faster because it fails is no better: beside a failed share that fails, times are shown and not judged. */
export function failuresFirst<Metric extends Judged>(metrics: readonly Metric[]): readonly Metric[] {
  const failing = new Set(
    metrics.filter((one) => one.quantity === 'failed' && one.status === 'FAIL').map((one) => one.flow),
  );
  return metrics.map((one) =>
    one.quantity !== 'failed' && failing.has(one.flow) && one.status !== 'FAIL'
      ? { ...one, status: 'INCONCLUSIVE', note: 'not judged: the candidate fails more of its arrivals' }
      : one,
  );
}
