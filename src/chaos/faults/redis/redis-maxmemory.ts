/** Redis is out of memory for all writers; reads continue, and without eviction no key is lost. */

import type { RedisActs } from '../../../core/acts/redis-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { declared, HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { named, redisOf, serviceParameter, theService } from '../../speakers.ts';
import { redisPlan, serverName } from './redis-plan.ts';
import type { RedisExpectation } from './redis-proof.ts';
import { SETTING_PERMISSIONS, type SettingChange, settingVerbs } from './redis-setting.ts';

type MaxmemorySpec = {
  readonly service?: string;
  readonly acceptDataLoss: boolean;
  readonly for: Ms;
};

const NAME = 'redis-maxmemory';
/** In bytes: below the use of an empty server, so that keys which expire meanwhile do not end the fault. */
const LIMIT = '1';

const PARAMETERS = parameters({
  service: serviceParameter('redis'),
  'accept-data-loss': declared(
    'declares that keys may be evicted and lost, where maxmemory-policy is not noeviction',
  ),
  for: HOLD_PARAMETER,
});

const EXPECTED: RedisExpectation = {
  hit: [
    { probe: 'writes', connection: 'held', as: [{ error: 'OOM' }] },
    { probe: 'writes', connection: 'fresh', as: [{ error: 'OOM' }] },
  ],
  spared: [
    { probe: 'answers', connection: 'held' },
    { probe: 'answers', connection: 'fresh' },
  ],
  text: 'writes are refused with OOM on both connections, reads continue',
};

export const redisMaxmemory: Fault<MaxmemorySpec, SettingChange, SettingChange> = {
  name: NAME,
  summary: 'lowers maxmemory of Redis below its current use: writes are refused with OOM, reads continue',
  parameters: PARAMETERS,
  permissions: SETTING_PERMISSIONS,
  proof:
    'Writes of the probe are refused with OOM on a held and on a fresh connection, and its reads get good answers after that.',
  undone:
    'maxmemory is restored if the server (run_id) is the same and the value is still ours; otherwise nothing is overwritten ' +
    'and the record reports the value. The lease keeper does it if the harness cannot. Evicted keys do not come back.',
  example: 'redis-maxmemory: { for: 8s }',

  parse: parserOf(
    PARAMETERS,
    (given): MaxmemorySpec => ({
      ...named(given.service),
      acceptDataLoss: given['accept-data-loss'],
      for: given.for,
    }),
  ),

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const redis = redisOf(NAME, service, world);
    const policy = await checkSafe(redis, spec.acceptDataLoss);
    const identity = await redis.identity();
    const from = await redis.config('maxmemory');
    if (from === LIMIT) {
      const problem = { subject: `${NAME}: maxmemory of the target`, expected: 'another than 1', got: from };
      throw new GauntletError('usage', [problem]);
    }
    const { evictedKeys, usedMemoryBytes } = await redis.figures();
    const change: SettingChange = { identity, key: 'maxmemory', from, to: LIMIT, evictedKeys, service };
    const victim = `writes of ${serverName(service, identity)}`;
    const own = {
      fault: NAME,
      victim,
      probes: ['answers', 'writes'] as const,
      timers: [
        `maxmemory-policy is ${policy}; ${(usedMemoryBytes / 1e6).toFixed(1)} MB are in use.`,
        'Writes work again with the first command after the limit is restored.',
      ],
      permissions: SETTING_PERMISSIONS,
      undo: change,
      act: change,
    };
    return redisPlan(service, own, world);
  },

  ...settingVerbs(NAME, EXPECTED),
};

/**
 * An evicting policy empties the server (measured: 2,001 keys to 0), and a limit of client buffers that is a
 * share of maxmemory would close their connections.
 * @returns the eviction policy.
 * @throws refused, with both reasons at once.
 */
async function checkSafe(redis: RedisActs, acceptDataLoss: boolean): Promise<string> {
  const policy = await redis.config('maxmemory-policy');
  const clients = await redis.config('maxmemory-clients');
  const evicts = policy !== 'noeviction' && !acceptDataLoss;
  const problems = [
    ...(evicts
      ? [
          {
            subject: `${NAME}: maxmemory-policy of the target`,
            expected: 'noeviction',
            got: `${policy}, under which keys are evicted and do not come back`,
            next: 'Declare the loss with accept-data-loss: true, or leave this fault out.',
          },
        ]
      : []),
    ...(clients.endsWith('%')
      ? [
          {
            subject: `${NAME}: maxmemory-clients of the target`,
            expected: 'a size of its own or 0',
            got: `${clients} of maxmemory, which would close clients' connections`,
          },
        ]
      : []),
  ];
  if (problems.length > 0) throw new GauntletError('refused', problems);
  return policy;
}
