/** Whether as many instances are ready as the system says: a part of `gauntlet doctor --target`. */
import type { InstanceState } from '../../core/acts/instance-acts.ts';
import type { Platform } from '../../core/acts/platform.ts';
import { messageOf } from '../../core/errors.ts';
import type { DeclaredService } from '../../core/topology.ts';
import type { Check } from './check-cluster-journal.ts';

/**
 * A warning for each service that has fewer: faults on it may take its last instance. Only services whose
 * instances the platform finds.
 */
export async function checkReplicas({ handle, instances, topology }: Platform): Promise<readonly Check[]> {
  const { declared = [] } = topology;
  if (instances === undefined || declared.length === 0) return [];
  let all: readonly InstanceState[];
  try {
    all = await instances.list();
  } catch (error) {
    return [{ ok: false, subject: 'replicas', detail: messageOf(error) }];
  }
  const found = Object.keys(handle.kubernetes?.services ?? {});
  const checked = declared.filter(
    (one) => found.includes(one.name) || all.some((each) => isOf(one, each.service)),
  );
  const few = checked.flatMap((one): Check[] => {
    const ready = all.filter((each) => each.ready && isOf(one, each.service)).length;
    const { min } = one.replicas;
    if (ready >= min) return [];
    const detail = `${ready} ready, and the system says at least ${min}`;
    return [{ ok: true, warns: true, subject: `replicas of ${one.name}`, detail }];
  });
  const enough = checked.length - few.length;
  const detail = `${enough} of ${checked.length} services have as many ready as the system says`;
  return checked.length === 0 ? [] : [...few, { ok: true, subject: 'replicas', detail }];
}

/** In the sandbox each broker is a service of its own. */
const isOf = ({ name, protocols }: DeclaredService, service: string): boolean =>
  service === name ||
  (protocols.includes('kafka') &&
    service.startsWith(`${name}-`) &&
    /^\d+$/.test(service.slice(name.length + 1)));
