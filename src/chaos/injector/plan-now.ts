/** Plans a fault; when permissions are missing, reports all of them and not only the first. */
import { GauntletError } from '../../core/errors.ts';
import type { Fault, FaultPlan } from '../fault.ts';
import type { World } from '../world.ts';

/** @throws as `plan`. */
export async function planNow(fault: Fault, spec: unknown, world: World): Promise<FaultPlan> {
  try {
    return await fault.plan(spec, world);
  } catch (error) {
    const isRefused = error instanceof GauntletError && error.kind === 'refused';
    const missing = isRefused ? await world.platform.guard?.refusals([], fault.permissions) : undefined;
    if (missing === undefined || missing.length === 0) throw error;
    throw new GauntletError('refused', missing, { cause: error });
  }
}
