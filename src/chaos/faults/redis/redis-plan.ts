/** What every fault inside Redis plans alike: servers, which keep running and lose no replica. */
import type { FaultPlan } from '../../fault.ts';
import { platformTimers, type World } from '../../world.ts';
import type { RedisVictim } from './redis-nodes.ts';
import { probeOf, type RedisProbe } from './redis-proof.ts';

/** Of several servers all of them are named. */
export const sayVictims = (victims: readonly RedisVictim[]): string =>
  victims.map((one) => one.name).join(', ');

type Own<Act, Undo> = Pick<FaultPlan<Act, Undo>, 'fault' | 'victim' | 'timers' | 'permissions' | 'act'> & {
  readonly victims: readonly string[];
  readonly probes: readonly RedisProbe[];
  readonly undo: Undo;
};

export function redisPlan<Act, Undo>(
  service: string,
  { probes, ...own }: Own<Act, Undo>,
  world: World,
): FaultPlan<Act, Undo> {
  return {
    ...own,
    probes: probes.map((one) => probeOf(service, one)),
    touches: [service],
    timers: [...own.timers, ...platformTimers(world, /redis/i)],
    impact: { services: [service], killed: [], brokersLost: [], outageAccepted: false },
    undo: { fault: own.fault, data: own.undo },
  };
}
