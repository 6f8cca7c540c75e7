/** A run folder, judged from disk, as the input of its metrics. */
import type { MetricsInput } from '../../report/metrics/samples.ts';
import { assembleRun } from '../verdict/assemble.ts';
import { withNightId } from './night-id.ts';
import { nightFields } from './night-of-run.ts';

/** @throws usage when it is not the folder of a run. */
export function metricsOfRun(runDir: string): MetricsInput {
  const assembled = assembleRun(runDir);
  const { plan, result } = assembled;
  return { night: withNightId(nightFields(assembled)), plan, result, trend: null };
}
