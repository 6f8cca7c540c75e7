/** Seats and ready instances of a running sandbox, for its control socket. */
import type { Clock } from '../../../../src/core/clock.ts';
import { isCluster } from '../../../../src/core/sandbox/processes.ts';
import type { ControlHandler } from '../../../../src/system/control-socket.ts';
import { sendSignal } from '../../../../src/system/send-signal.ts';
import type { Instance, InstanceSpec } from './instance.ts';
import { ReadyLog } from './ready-log.ts';
import { Seats as SeatsInUse } from './seats.ts';
import { seatsControl } from './seats-control.ts';
import { programSpec, type Seats } from './specs.ts';
import type { SupervisedInstances } from './supervised-instances.ts';

/** To be made before the first instance starts: it then misses no change. */
export function workloadsControl(
  plan: Seats,
  supervised: SupervisedInstances,
  clock: Clock,
  stopped: AbortSignal,
): ControlHandler {
  const instances = (): readonly Instance[] => supervised.instances;
  const log = new ReadyLog(instances, clock);
  supervised.onChange(({ spec }) => log.changed(spec.service));
  const seats = new SeatsInUse({
    ...{ clock, stopped, instances, kill: sendSignal },
    identity: plan.mark,
    spares: (service) => freeSeats(plan, service, instances()),
    start: (specs) => supervised.start(specs),
  });
  return seatsControl(seats, log, () => [...new Set(instances().map((one) => one.spec.service))]);
}

/** Seats of a program that no process holds, in their order. Servers that come with the sandbox have none. */
function freeSeats(plan: Seats, name: string, instances: readonly Instance[]): readonly InstanceSpec[] {
  const { layout } = plan;
  const service = layout.system.services.find((one) => one.name === name);
  if (service?.sandbox?.kind !== 'run' || isCluster(service)) return [];
  const held = new Set(
    instances.filter((one) => !one.isClosed || one.victim !== undefined).map((one) => one.spec.instance),
  );
  return [...layout.instances, ...layout.spare]
    .filter((one) => one.service === name && !held.has(one.instance))
    .map((placed) => programSpec(plan, service, placed));
}
