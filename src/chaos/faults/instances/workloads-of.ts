/** The common parts of the faults on workloads: which workloads a service has, and when it is whole again. */
import type { InstanceLife, InstanceState } from '../../../core/acts/instance-acts.ts';
import { describeWorkload, type WorkloadState } from '../../../core/acts/workload-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { RemovalState } from '../../fault.ts';
import { matching, parameter } from '../../parameters.ts';
import { needActs, type World } from '../../world.ts';
import { instancesOf } from './victims.ts';

export const WORKLOAD_FAULT_ACTS = ['workloads', 'instances'] as const;

/** @param done what happens to the service as a whole. */
export const wholeService = (done: string) =>
  parameter(matching(/\S/, 'the name of a service, such as orders'), {
    meaning: `the service that is ${done}`,
    allowed: 'the name of a service of the target, such as orders',
  });

export interface OfService {
  readonly instances: readonly InstanceState[];
  /** At least one. */
  readonly workloads: readonly WorkloadState[];
}

/**
 * @throws usage for a service without instances; refused where none of them belongs to a workload, or where
 * the platform cannot report their lives.
 */
export async function workloadsOf(fault: string, service: string, world: World): Promise<OfService> {
  const acts = needActs(fault, world, WORKLOAD_FAULT_ACTS);
  const instances = await instancesOf(fault, service, world);
  // A platform that learns lives by watching starts its watch here, before the act.
  await acts.instances.lives(service);
  const workloads = await acts.workloads.list(service);
  if (workloads.length > 0) return { instances, workloads };
  throw new GauntletError('refused', [
    {
      subject: `${fault} on ${service}`,
      expected: 'instances of a workload that can be restarted and scaled',
      got: `${instances.map((one) => one.instance).join(', ')}, which belong to none`,
    },
  ]);
}

/** @throws refused with every reason. */
export function refuseObjections(
  fault: string,
  workloads: readonly WorkloadState[],
  key: 'noRestart' | 'setBy',
  expected: string,
): void {
  const problems = workloads.flatMap((one) => {
    const objection = one[key];
    if (objection === null) return [];
    const subject = `${fault} on ${describeWorkload(one)}`;
    return [{ subject, expected, got: objection.why, next: objection.fix }];
  });
  if (problems.length > 0) throw new GauntletError('refused', problems);
}

/** `Deployment web, StatefulSet web-slow`. */
export const describeWorkloads = (some: readonly WorkloadState[]): string =>
  some.map(describeWorkload).join(', ');

/**
 * When the present set of instances was complete: the last that became ready, or the last that ended. Empty
 * when nothing has changed since.
 * @param since epoch ms before the act: what changed earlier is none of its effects.
 */
export function wholeSince(
  lives: readonly InstanceLife[],
  since: number,
): Pick<RemovalState, 'at' | 'boundMs'> {
  const changes = lives.flatMap((life) => {
    const [at, name] =
      life.endedAt === null ? ([life.readyAt, 'ready'] as const) : ([life.endedAt, 'gone'] as const);
    if (at === null || at < since) return [];
    const boundMs = life.marks?.find((one) => one.name === name)?.boundMs;
    return [{ at, ...(boundMs !== undefined && { boundMs }) }];
  });
  return changes.sort((a, b) => b.at - a.at)[0] ?? {};
}
