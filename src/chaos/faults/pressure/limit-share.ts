/** The CPU limit that leaves a container what it would have next to N busy neighbours. */
import { type CpuLimit, cpusIn } from '../../../core/acts/cpu-limit-acts.ts';
import { GauntletError } from '../../../core/errors.ts';

/** The kernel takes no smaller quota, and no longer period. */
export const LEAST_QUOTA_US = 1000;
export const MOST_PERIOD_US = 1_000_000;
/**
 * Within a period a container works undisturbed until its quota is used up: the shorter it is, the closer
 * this is to taking turns. It is longer only where the quota would be too small.
 */
const PERIOD_US = 10_000;

/**
 * 1/(N+1) of one CPU, or of its present limit where that is lower.
 * @throws refused when the kernel keeps no limit that low.
 */
export function limitNextTo(subject: string, before: CpuLimit, workers: number): CpuLimit {
  const cpus = Math.min(1, cpusIn(before)) / (workers + 1);
  const periodUs = Math.max(PERIOD_US, Math.ceil(LEAST_QUOTA_US / cpus));
  if (periodUs <= MOST_PERIOD_US)
    return { quotaUs: Math.max(LEAST_QUOTA_US, Math.floor(cpus * periodUs)), periodUs };
  throw new GauntletError('refused', [
    {
      subject,
      expected: `at least ${LEAST_QUOTA_US / MOST_PERIOD_US} CPUs after its limit is lowered`,
      got: `${cpus.toPrecision(2)}: ${cpusIn(before)} CPUs now, next to ${workers} workers`,
      next: 'Use fewer workers.',
    },
  ]);
}

/** ms that a thread which always has work waits more for each ms of it than at its limit before. */
export const predictedHold = (before: CpuLimit, during: CpuLimit): number =>
  1 / cpusIn(during) - 1 / Math.min(1, cpusIn(before));
