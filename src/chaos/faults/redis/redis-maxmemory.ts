/** Redis is out of memory for all writers; reads continue, and without eviction no key is lost. */

import { GauntletError } from '../../../core/errors.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { declared, HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { named, serviceParameter, theService } from '../../speakers.ts';
import { NODE_PARAMETER, nodeNamed, type RedisVictim, victimsOf } from './redis-nodes.ts';
import { redisPlan, sayVictims } from './redis-plan.ts';
import type { RedisExpectation } from './redis-proof.ts';
import {
  changeOf,
  changesOf,
  SETTING_PERMISSIONS,
  type SettingChanges,
  settingVerbs,
} from './redis-setting.ts';

type MaxmemorySpec = {
  readonly service?: string;
  readonly node?: string;
  readonly acceptDataLoss: boolean;
  readonly for: Ms;
};

const NAME = 'redis-maxmemory';
/** In bytes: below the use of an empty server, so that keys which expire meanwhile do not end the fault. */
const LIMIT = '1';

const PARAMETERS = parameters({
  service: serviceParameter('redis'),
  node: NODE_PARAMETER,
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

export const redisMaxmemory: Fault<MaxmemorySpec, SettingChanges, SettingChanges> = {
  name: NAME,
  summary: 'lowers maxmemory of Redis below its current use: writes are refused with OOM, reads continue',
  parameters: PARAMETERS,
  permissions: SETTING_PERMISSIONS,
  proof:
    'Writes of the probe are refused with OOM on a held and on a fresh connection, and its reads get good answers after that.',
  undone:
    'maxmemory is restored if the server (run_id) is the same and the value is still ours; otherwise nothing is overwritten ' +
    'and the record reports the value. The lease keeper does it if the harness cannot. ' +
    'In a Cluster and behind Sentinels that is the node that was altered, also after a failover. Evicted keys do not come back.',
  example: 'redis-maxmemory: { for: 8s }',

  parse: parserOf(
    PARAMETERS,
    (given): MaxmemorySpec => ({
      ...named(given.service),
      ...nodeNamed(given.node),
      acceptDataLoss: given['accept-data-loss'],
      for: given.for,
    }),
  ),

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const victims = await victimsOf(NAME, { service, node: spec.node }, world);
    const key = { key: 'maxmemory', to: LIMIT, other: 'another than 1' } as const;
    const each = await Promise.all(
      victims.map(async (one) => {
        const policy = await checkSafe(one, spec.acceptDataLoss);
        return { ...(await changeOf(NAME, service, one, key)), policy };
      }),
    );
    const policies = [...new Set(each.map((one) => one.policy))].join(', ');
    const usedBytes = each.reduce((sum, { figures }) => sum + figures.usedMemoryBytes, 0);
    const changes = changesOf(
      service,
      each.map((one) => one.change),
    );
    const own = {
      fault: NAME,
      victim: `writes of ${sayVictims(victims)}`,
      victims: victims.map((one) => `writes of ${one.name}`),
      probes: ['answers', 'writes'] as const,
      timers: [
        `maxmemory-policy is ${policies}; ${(usedBytes / 1e6).toFixed(1)} MB are in use.`,
        'Writes work again with the first command after the limit is restored.',
      ],
      permissions: SETTING_PERMISSIONS,
      undo: changes,
      act: changes,
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
async function checkSafe({ acts: redis, node }: RedisVictim, acceptDataLoss: boolean): Promise<string> {
  const where = node === undefined ? 'the target' : node.address;
  const policy = await redis.config('maxmemory-policy');
  const clients = await redis.config('maxmemory-clients');
  const evicts = policy !== 'noeviction' && !acceptDataLoss;
  const problems = [
    ...(evicts
      ? [
          {
            subject: `${NAME}: maxmemory-policy of ${where}`,
            expected: 'noeviction',
            got: `${policy}, under which keys are evicted and do not come back`,
            next: 'Declare the loss with accept-data-loss: true, or leave this fault out.',
          },
        ]
      : []),
    ...(clients.endsWith('%')
      ? [
          {
            subject: `${NAME}: maxmemory-clients of ${where}`,
            expected: 'a size of its own or 0',
            got: `${clients} of maxmemory, which would close clients' connections`,
          },
        ]
      : []),
  ];
  if (problems.length > 0) throw new GauntletError('refused', problems);
  return policy;
}
