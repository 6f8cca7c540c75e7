/** What a push reads: the folder of a run, or a history with the latest night of each campaign. */
import { resolve } from 'node:path';
import type { MetricsInput } from '../../report/metrics/samples.ts';
import { withNightId } from '../history/night-id.ts';
import { nightFields } from '../history/night-of-run.ts';
import { assembleRun } from '../verdict/assemble.ts';

/** Judged again from disk, as `gauntlet report` does. @throws usage: no folder of a run. */
export function runToPublish(runDir: string): MetricsInput {
  const run = assembleRun(resolve(runDir));
  return { night: withNightId(nightFields(run)), plan: run.plan, result: run.result, trend: null };
}
