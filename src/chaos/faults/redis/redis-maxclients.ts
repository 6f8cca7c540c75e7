/** Redis rejects new connections, as at its client limit; open ones continue. */
import type { ActName } from '../../../core/acts/act-names.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { named, serviceParameter, theService } from '../../speakers.ts';
import { NODE_PARAMETER, nodeNamed, victimsOf } from './redis-nodes.ts';
import { redisPlan, sayVictims } from './redis-plan.ts';
import type { RedisExpectation } from './redis-proof.ts';
import {
  changeOf,
  changesOf,
  SETTING_PERMISSIONS,
  type SettingChanges,
  settingVerbs,
} from './redis-setting.ts';

type MaxclientsSpec = { readonly service?: string; readonly node?: string; readonly for: Ms };

const NAME = 'redis-maxclients';
/** The lowest value that Redis accepts: the platform's own connection already reaches it. */
const LIMIT = '1';
const PARAMETERS = parameters({
  service: serviceParameter('redis'),
  node: NODE_PARAMETER,
  for: HOLD_PARAMETER,
});
/**
 * One that is open before and outlives the harness: any later connection is rejected, including one for the
 * undo.
 */
const PERMISSIONS: readonly ActName[] = [...SETTING_PERMISSIONS, 'redis.keptConnection'];

const EXPECTED: RedisExpectation = {
  // Redis sends its error and closes; through a proxy the close may come first.
  hit: [{ probe: 'answers', connection: 'fresh', as: [{ error: 'ERR max number of clients' }, 'reset'] }],
  spared: [{ probe: 'answers', connection: 'held' }],
  text: 'fresh connections are rejected, the held one continues',
};

export const redisMaxclients: Fault<MaxclientsSpec, SettingChanges, SettingChanges> = {
  name: NAME,
  summary: 'lowers maxclients of Redis: new connections are rejected, open ones continue',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof:
    'A fresh connection of the probe is rejected (ERR max number of clients, or a reset), and its held connection gets ' +
    'good answers after that.',
  undone:
    'maxclients is restored, over a connection that was open before, if the server (run_id) is the same and the value is ' +
    'still ours; otherwise nothing is overwritten and the record reports the value. The lease keeper does it if the harness cannot.',
  example: 'redis-maxclients: { for: 8s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, node, ...given }): MaxclientsSpec => ({
      ...named(service),
      ...nodeNamed(node),
      ...given,
    }),
  ),

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const victims = await victimsOf(NAME, { service, node: spec.node }, world);
    const key = { key: 'maxclients', to: LIMIT, other: 'more than 1' } as const;
    const each = await Promise.all(victims.map((one) => changeOf(NAME, service, one, key)));
    const connectedClients = each.reduce((sum, { figures }) => sum + figures.connectedClients, 0);
    const changes = changesOf(
      service,
      each.map((one) => one.change),
    );
    const own = {
      fault: NAME,
      victim: sayVictims(victims),
      victims: victims.map((one) => one.name),
      probes: ['answers'] as const,
      timers: [
        `${connectedClients} connections are open and stay; a client that loses one cannot reconnect before the end.`,
        'Readiness checks on new connections fail: a supervisor may report Redis as not ready while its clients work.',
      ],
      permissions: PERMISSIONS,
      undo: changes,
      act: changes,
    };
    return redisPlan(service, own, world);
  },

  ...settingVerbs(NAME, EXPECTED),
};
