/**
 * Closes every client connection of Redis at once; all clients reconnect together. It is done once and holds
 * nothing.
 */
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { parameters, parserOf } from '../../parameters.ts';
import { named, redisOf, serviceParameter, theService } from '../../speakers.ts';
import type { World } from '../../world.ts';
import { redisPlan, serverName } from './redis-plan.ts';
import { judgeRedis, type RedisExpectation } from './redis-proof.ts';

type KillSpec = { readonly service?: string };
/** The affected server; there is nothing to undo. */
type KillUndo = { readonly identity: string; readonly service?: string };

const NAME = 'redis-kill-connections';
const PERMISSIONS: readonly ActName[] = ['redis.identity', 'redis.killNormalConnections', 'redis.figures'];
const PARAMETERS = parameters({ service: serviceParameter('redis') });

const EXPECTED: RedisExpectation = {
  hit: [{ probe: 'answers', connection: 'held', as: ['reset'] }],
  spared: [{ probe: 'answers', connection: 'fresh' }],
  text: 'the held connection is closed, fresh ones work',
};

export const redisKillConnections: Fault<KillSpec, { readonly service: string }, KillUndo> = {
  name: NAME,
  summary: 'closes all normal client connections of Redis once: every client has to connect again',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof: 'The held connection of the probe is closed, and a fresh one gets good answers after that.',
  undone:
    'There is nothing to undo: clients connect again. It counts as removed when a fresh connection works.',
  example: 'redis-kill-connections: {}',

  parse: parserOf(PARAMETERS, ({ service }): KillSpec => named(service)),

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const redis = redisOf(NAME, service, world);
    const identity = await redis.identity();
    const { connectedClients } = await redis.figures();
    const victim = serverName(service, identity);
    const own = {
      fault: NAME,
      victim,
      probes: ['answers'] as const,
      timers: [
        `${connectedClients} connections are open; their clients reconnect at once or after their own back-off.`,
        'Commands in progress get no answer: a client cannot know whether they were executed.',
      ],
      permissions: PERMISSIONS,
      undo: { identity, service },
      act: { service },
    };
    return redisPlan(service, own, world);
  },

  async apply({ act }, world) {
    await redisOf(NAME, act.service, world).killNormalConnections();
  },
  // It is done: a lease has nothing to renew.
  renew: async () => true,
  expect: ({ act: { service } }) => ({
    text: EXPECTED.text,
    observe: [],
    judge: (evidence) => judgeRedis(service, EXPECTED, evidence),
  }),
  undoShape: z.object({ identity: z.string(), service: z.string().exactOptional() }),
  undo: async () => undefined,
  removed: (record, world) => removed(record.data, world),
};

async function removed({ identity, service }: KillUndo, world: World): Promise<RemovalState> {
  const redis = redisOf(NAME, service, world);
  const how = (await redis.identity()) === identity ? 'answers' : 'was restarted meanwhile and answers';
  return { gone: true, evidence: `Redis ${how}; the fault made no lasting change` };
}
