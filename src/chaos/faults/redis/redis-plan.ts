/** What every fault inside Redis plans alike: one server, which keeps running and loses no replica. */
import type { FaultPlan } from '../../fault.ts';
import { platformTimers, type World } from '../../world.ts';

/** The first characters of a run_id distinguish servers well enough for people. */
export const serverName = (identity: string): string => `redis (run_id ${identity.slice(0, 8)})`;

type Own<Act, Undo> = Pick<
  FaultPlan<Act, Undo>,
  'fault' | 'victim' | 'probes' | 'timers' | 'permissions' | 'act'
> & { readonly undo: Undo };

export function redisPlan<Act, Undo>(own: Own<Act, Undo>, world: World): FaultPlan<Act, Undo> {
  return {
    ...own,
    victims: [own.victim],
    touches: ['redis'],
    timers: [...own.timers, ...platformTimers(world, /redis/i)],
    impact: { services: ['redis'], killed: [], brokersLost: [], outageAccepted: false },
    undo: { fault: own.fault, data: own.undo },
  };
}
