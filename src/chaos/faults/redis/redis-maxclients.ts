/** Redis rejects new connections, as at its client limit; open ones continue. */
import type { ActName } from '../../../core/acts/act-names.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { named, redisOf, serviceParameter, theService } from '../../speakers.ts';
import { redisPlan, serverName } from './redis-plan.ts';
import type { RedisExpectation } from './redis-proof.ts';
import { SETTING_PERMISSIONS, type SettingChange, settingVerbs } from './redis-setting.ts';

type MaxclientsSpec = { readonly service?: string; readonly for: Ms };

const NAME = 'redis-maxclients';
/** The lowest value that Redis accepts: the platform's own connection already reaches it. */
const LIMIT = '1';
const PARAMETERS = parameters({ service: serviceParameter('redis'), for: HOLD_PARAMETER });
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

export const redisMaxclients: Fault<MaxclientsSpec, SettingChange, SettingChange> = {
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

  parse: parserOf(PARAMETERS, ({ service, ...given }): MaxclientsSpec => ({ ...named(service), ...given })),

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const redis = redisOf(NAME, service, world);
    const identity = await redis.identity();
    const from = await redis.config('maxclients');
    if (from === LIMIT) {
      const problem = { subject: `${NAME}: maxclients of the target`, expected: 'more than 1', got: from };
      throw new GauntletError('usage', [problem]);
    }
    const { connectedClients, evictedKeys } = await redis.figures();
    const change: SettingChange = { identity, key: 'maxclients', from, to: LIMIT, evictedKeys, service };
    const victim = serverName(service, identity);
    const own = {
      fault: NAME,
      victim,
      probes: ['answers'] as const,
      timers: [
        `${connectedClients} connections are open and stay; a client that loses one cannot reconnect before the end.`,
        'Readiness checks on new connections fail: a supervisor may report Redis as not ready while its clients work.',
      ],
      permissions: PERMISSIONS,
      undo: change,
      act: change,
    };
    return redisPlan(service, own, world);
  },

  ...settingVerbs(NAME, EXPECTED),
};
