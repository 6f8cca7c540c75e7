/** What every fault inside Redis plans alike: one server, which keeps running and loses no replica. */
import type { FaultPlan } from '../../fault.ts';
import { platformTimers, type World } from '../../world.ts';
import { probeOf, type RedisProbe } from './redis-proof.ts';

/** The first characters of a run_id distinguish servers well enough for people. */
export const serverName = (service: string, identity: string): string =>
  `${service} (run_id ${identity.slice(0, 8)})`;

type Own<Act, Undo> = Pick<FaultPlan<Act, Undo>, 'fault' | 'victim' | 'timers' | 'permissions' | 'act'> & {
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
    victims: [own.victim],
    touches: [service],
    timers: [...own.timers, ...platformTimers(world, /redis/i)],
    impact: { services: [service], killed: [], brokersLost: [], outageAccepted: false },
    undo: { fault: own.fault, data: own.undo },
  };
}
